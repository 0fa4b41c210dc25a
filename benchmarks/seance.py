"""A person on the application, through Streamlit's own WebSocket protocol, without a browser.

Sends what the browser sends (BackMsg) and reads what it reads (ForwardMsg) until the script of the
page has ended, so that a run can be timed and its errors seen. What a browser then draws is not
in it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect

#: Widgets whose value a browser sends with every message, by their names in the protocol.
_TEXTS = ("text_input", "text_area")
_LISTS = ("multiselect", "button_group")
_KINDS = (*_TEXTS, *_LISTS, "selectbox", "checkbox", "number_input", "slider")


@dataclass(frozen=True)
class Run:
    """One run of the page.

    Attributes
    ----------
    seconds
        From what was sent to the end of the script.
    bytes
        Received, uncompressed.
    errors
        Exceptions shown in the page; a run cut short is one.
    """

    seconds: float
    bytes: int
    errors: tuple[str, ...]


@dataclass
class Session:
    """One tab of a browser.

    Parameters
    ----------
    address
        Of the server, without a final slash.
    page
        Path of the page, empty for the first one.
    """

    address: str
    page: str = ""
    query: dict[str, str] = field(default_factory=dict)
    _socket: ClientConnection | None = None
    _script: str = ""
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _choices: dict[str, list[str]] = field(default_factory=dict)

    async def open(self) -> Run:
        """Connect and wait for the first run, the connection included."""
        start = time.perf_counter()
        self._socket = await connect(
            self.address.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"], origin=self.address, max_size=None, open_timeout=120,
            ping_interval=None,
        )
        return await self._run(start)

    async def put(self, label: str, value: str | list[str]) -> Run:
        """Give a widget, by its label, a value; wait for the run that follows."""
        state = self._states[label]
        if isinstance(value, str):
            state.string_value = value
        else:
            del state.string_array_value.data[:]
            state.string_array_value.SetInParent()
            state.string_array_value.data.extend(value)
        return await self._run(time.perf_counter())

    def options(self, label: str) -> list[str]:
        """Choices of a widget."""
        return list(self._choices.get(label, []))

    async def close(self) -> None:
        """Leave."""
        if self._socket is not None:
            await self._socket.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _run(self, start: float) -> Run:
        assert self._socket is not None
        asked = BackMsg()
        asked.rerun_script.query_string = urlencode(self.query)
        asked.rerun_script.page_script_hash = self._script
        if not self._script:
            asked.rerun_script.page_name = self.page
        states = WidgetStates(widgets=list(self._states.values()))
        asked.rerun_script.widget_states.CopyFrom(states)
        await self._socket.send(asked.SerializeToString())
        received, errors = 0, []
        while True:
            content = await self._socket.recv(decode=False)
            received += len(content)
            message = ForwardMsg.FromString(content)
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self._script = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                pairs = message.page_info_changed.query_string
                self.query = dict(p.split("=", 1) for p in pairs.split("&") if "=" in p)
            elif kind == "delta":
                errors += self._seen(message)
            elif kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    errors.append(f"fin {message.script_finished}")
                return Run(time.perf_counter() - start, received, tuple(errors))

    def _seen(self, message: ForwardMsg) -> Iterator[str]:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            yield f"{element.exception.type} : {element.exception.message}"
        elif kind in _KINDS:
            one = getattr(element, kind)
            self._choices[one.label] = _options(one)
            before = self._states.get(one.label)
            if before is None or before.id != one.id or one.set_value:
                self._states[one.label] = _state(kind, one)


def _options(one: Any) -> list[str]:
    return [getattr(option, "content", option) for option in getattr(one, "options", [])]


def _state(kind: str, one: Any) -> WidgetState:
    """Value of a widget as its message gives it: set by the page, else its default."""
    state = WidgetState(id=one.id)
    told = one.set_value
    if kind in _TEXTS:
        state.string_value = one.value if told else one.default
    elif kind in _LISTS:
        options = _options(one)
        chosen = list(one.raw_values) if told else [options[rank] for rank in one.default]
        state.string_array_value.SetInParent()
        state.string_array_value.data.extend(chosen)
    elif kind == "selectbox":
        if told:
            state.string_value = one.raw_value
        elif one.HasField("default"):
            state.string_value = _options(one)[one.default]
    elif kind == "checkbox":
        state.bool_value = one.value if told else one.default
    elif kind == "number_input":
        state.double_value = one.value if told else one.default
    else:
        state.double_array_value.data.extend(one.value if told else one.default)
    return state

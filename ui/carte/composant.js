// Mounted by Streamlit (st.components.v2): loads our modules, then hands every update to the map.

const mounts = new WeakMap();

function load(parent, state) {
  const base = new URL(state.latest.data.base, window.location.origin).href;
  state.module ??= import(`${base}carte.js`);
  state.module.then(
    (module) => {
      if (!state.dead) state.map = module.mount(parent, base, state.latest);
    },
    (error) => {
      console.error(error);
      if (state.dead) return;
      const message = document.createElement("p");
      message.setAttribute("role", "alert");
      message.textContent = "La carte n’a pas pu être chargée. Rechargez la page ; "
        + "la liste des structures reste complète.";
      parent.append(message);
    },
  );
}

export default function (component) {
  const parent = component.parentElement;
  let state = mounts.get(parent);
  if (state === undefined) {
    state = { latest: component };
    mounts.set(parent, state);
    load(parent, state);
  } else {
    state.latest = component;
    state.map?.update(component);
  }
  return () => {
    state.dead = true;
    state.map?.destroy();
    mounts.delete(parent);
  };
}

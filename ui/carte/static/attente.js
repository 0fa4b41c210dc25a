// A bar at the top of the page while the server works, if that lasts. An animation with a delay
// would do, but has the page drawn again at every answer, late or not.

const LATE_MS = 500;

export function showLateAnswers() {
  const bar = document.createElement("div");
  bar.className = "perimetre-attente";
  bar.hidden = true;
  let timer = null;
  const follow = () => {
    const app = document.querySelector("[data-testid=stApp]");
    const working = app?.dataset.testScriptState === "running";
    if (!working) {
      clearTimeout(timer);
      timer = null;
      bar.hidden = true;
    } else if (timer === null) {
      timer = setTimeout(() => {
        document.body.append(bar);
        bar.hidden = false;
      }, LATE_MS);
    }
  };
  new MutationObserver(follow).observe(document.documentElement, {
    subtree: true, attributes: true, attributeFilter: ["data-test-script-state"],
  });
}

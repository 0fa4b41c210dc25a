// Loaded by the page itself, while Streamlit starts: the engine and our modules are then ready
// when the component mounts.

import "./carte.js";
import { showLateAnswers } from "./attente.js";
import { loadEngine } from "./fetching.js";
import { speakFrench } from "./francais.js";

speakFrench();
showLateAnswers();

loadEngine(new URL("./", import.meta.url).href).catch(() => {
  // The component tries again and tells the user.
});

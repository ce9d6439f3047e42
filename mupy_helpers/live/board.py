"""The live page's words and controls: plain HTML that a keyboard and a screen reader can use, around the plots."""

from typing import ClassVar

import panel as pn
import param

SCRIPT = """
export function render({ model, view }) {
  const page = document.createElement("main");
  page.innerHTML = `
    <div class="side">
      <h1>A cold store, live</h1>
      <p class="clock"></p>
      <p class="speed"></p>
      <p class="state"><span class="sign" aria-hidden="true"></span><span class="words"></span></p>
      <fieldset><legend>Switch on a fault</legend><div class="faults"></div></fieldset>
      <p class="since" role="status"></p>
      <button type="button" class="pause"></button>
      <h2 id="alarms">Alarms</h2>
      <div class="log" role="log" aria-live="polite" aria-labelledby="alarms" tabindex="0"><ul></ul></div>
    </div>
    <div class="plots" role="img"><div class="drawn" inert></div></div>`;
  const at = (name) => page.querySelector(name);
  at(".drawn").append(model.get_child("plots"));  // inert: nothing in the plots is to be focused
  let choosing;  // the arrow keys choose each fault that they pass: only where they stop, one is switched on
  for (const [value, words] of model.faults) {
    const label = document.createElement("label"), input = document.createElement("input");
    Object.assign(input, { type: "radio", name: "fault", value });
    input.addEventListener("change", () => {
      clearTimeout(choosing);
      choosing = setTimeout(() => { model.fault = value; }, 250);
    });
    label.append(input, words);
    at(".faults").append(label);
  }
  at(".speed").textContent = model.speed;
  at(".pause").addEventListener("click", () => { model.paused = !model.paused; });
  const told = new Set();
  const shows = {
    clock: () => { at(".clock").textContent = model.clock; },
    state: () => { at(".words").textContent = model.state; },
    is_alarm: () => {
      page.classList.toggle("alarm", model.is_alarm);
      at(".sign").textContent = model.is_alarm ? "▲" : "●";
    },
    fault: () => {
      for (const input of page.querySelectorAll("input")) input.checked = input.value === model.fault;
    },
    since: () => { at(".since").textContent = model.since; },
    paused: () => { at(".pause").textContent = model.paused ? "Go on" : "Pause"; },
    // A screen reader speaks what is added: an entry that is there already stays as it is.
    alarms: () => {
      const log = at("ul");
      if (!model.alarms.length) { log.replaceChildren(); told.clear(); }
      for (const words of model.alarms.filter((words) => !told.has(words))) {
        const entry = document.createElement("li");
        entry.textContent = words;
        log.prepend(entry);
        told.add(words);
      }
    },
    description: () => { at(".plots").setAttribute("aria-label", model.description); },
  };
  for (const [name, show] of Object.entries(shows)) { show(); model.on(name, show); }
  view.model.document.on_event("connection_lost", () => {
    page.classList.replace("alarm", "lost") || page.classList.add("lost");
    at(".sign").textContent = "■";
    at(".words").textContent = "Connection lost.";
    at(".since").textContent = "The program behind this page has stopped. Start it again, then reload the page.";
    at("fieldset").disabled = at(".pause").disabled = true;
  });
  const size = () => { model.width = window.innerWidth; };
  size();
  window.addEventListener("resize", size);
  return page;
}
"""

STYLE = """
:host { position: fixed; inset: 0; margin: 0 !important; }
main { display: grid; grid-template-columns: minmax(0, 1fr) clamp(17em, 33vw, 21em); gap: 0 1em; box-sizing: border-box; height: 100vh;
  padding: 0.4em 0.8em; font: 20px/1.3 "DejaVu Sans", Verdana, sans-serif; color: #111; background: #fff; }
@media (min-width: 1600px) { main { font-size: 28px; } }
.plots, .drawn { height: calc(100vh - 0.8em); min-width: 0; } .plots { grid-area: 1 / 1; }
.side { grid-area: 1 / 2; display: flex; flex-direction: column; min-height: 0; height: calc(100vh - 0.8em); }
h1 { font-size: 1.3em; margin: 0.1em 0 0; } h2 { font-size: 1em; margin: 0.5em 0 0.1em; }
p { margin: 0.1em 0; } .since { min-height: 1.3em; }
.state { font-weight: bold; font-size: 1.1em; padding: 0.25em 0.5em; border: 3px solid #00634a; margin: 0.3em 0; }
.sign { margin-right: 0.4em; color: #00634a; }
.alarm .state { background: #8a2b00; color: #fff; border: 3px double #fff; outline: 3px solid #8a2b00; }
.lost .state { background: #333; color: #fff; border-color: #333; }
.alarm .sign, .lost .sign { color: #fff; }
fieldset { border: 2px solid #555; margin: 0.2em 0; padding: 0 0.5em 0.2em; } legend { font-weight: bold; }
.faults { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.3em, 1fr)); }
label { display: flex; align-items: center; padding: 0.1em; cursor: pointer; }
input { width: 1em; height: 1em; margin: 0 0.4em 0 0; accent-color: #004d7a; flex: none; }
button { font: inherit; font-weight: bold; padding: 0.2em 1em; border: 3px solid #004d7a; background: #fff; color: #004d7a;
  border-radius: 0.3em; align-self: start; cursor: pointer; }
label:focus-within, button:focus-visible, .log:focus-visible { outline: 4px solid #004d7a; outline-offset: 1px; }
.log { flex: 1; overflow-y: auto; min-height: 0; padding: 0.2em; border-top: 2px solid #555; }
ul { list-style: none; margin: 0; padding: 0; }
li { padding: 0.2em 0 0.2em 0.5em; margin-bottom: 0.2em; border-left: 6px solid #D55E00; }
@media (max-width: 800px), (max-height: 480px) {
  :host { position: static; }
  main { display: block; height: auto; } .side { height: auto; } .plots, .drawn { height: 34em; } .log { max-height: 9em; }
}
"""


class Board(pn.custom.JSComponent):
    """The words and the controls of the page; the browser shows each of these as it changes.

    Parameters
    ----------
    plots : Viewable
    faults : list of (str, str)
        What can be chosen: value and words.
    fault : str
        The one that is chosen.
    paused : bool
    clock, speed, state, since, description : str
        The time; how fast it runs; how the store is; since when the fault is on; the plots in words.
    is_alarm : bool
    alarms : list of str
        The oldest first.
    width : int
        Of the window, in pixels.
    """

    plots = pn.custom.Child()
    faults = param.List(default=[])
    fault = param.String(default="")
    paused = param.Boolean(default=False)
    clock = param.String(default="")
    speed = param.String(default="")
    state = param.String(default="")
    since = param.String(default="")
    description = param.String(default="")
    is_alarm = param.Boolean(default=False)
    alarms = param.List(default=[])
    width = param.Integer(default=1280)

    _esm = SCRIPT
    _stylesheets: ClassVar = [STYLE]

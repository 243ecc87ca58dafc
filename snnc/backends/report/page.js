"use strict";
// Everything is recomputed from the closed forms of the report: count, times T, times S_A, times energy.
(() => {
  const data = JSON.parse(document.getElementById("report").textContent);
  const find = (id) => document.getElementById(id);
  const rows = data.report.rows;
  const reported = data.report.totals.mean_activity;
  const start = { steps: data.report.timesteps, activity: reported || 0.1, profile: data.report.profile.name };
  const state = { ...start };
  const mostSteps = Math.max(100, 4 * start.steps);
  const leastActivity = 1e-5;

  // A slider runs over 0..1000; T and S_A are logarithmic along it.
  const stepsAt = (place) => Math.max(1, Math.round(mostSteps ** (place / 1000)));
  const placeOfSteps = (steps) => 1000 * Math.log(steps) / Math.log(mostSteps);
  const activityAt = (place) => leastActivity ** (1 - place / 1000);
  const placeOfActivity = (rate) => 1000 * (1 - Math.log(Math.max(rate, leastActivity)) / Math.log(leastActivity));

  const known = (number) => number !== null && number !== undefined;
  const profile = () => data.profiles.find((one) => one.name === state.profile);
  function price(row, chosen) {
    if (row.updates && known(chosen.neuron_pj)) return chosen.neuron_pj;
    return row.op === "MAC" ? chosen.mac_pj : chosen.ac_pj;
  }
  // Rates keep their proportions; the slider moves their mean.
  const rateOf = (row, activity) => (known(row.activity) && reported ? row.activity * (activity / reported) : activity);

  function operations(row, steps, activity) {
    return row.form.count * (row.form.per_step ? steps : 1) * (row.form.per_spike ? rateOf(row, activity) : 1);
  }
  function spent(row, steps, activity, chosen) {
    const each = price(row, chosen);
    return known(each) ? operations(row, steps, activity) * each : null;
  }
  function saved(row, chosen) {
    const each = row.kind === "extra" && row.op === "AC" ? chosen.ac_pj : chosen.mac_pj;
    return known(each) ? row.ann_count * each : null;
  }
  // What was measured, in proportion to T and to the mean activity.
  const effective = (row) => (known(row.effective_ops) ? row.effective_ops * (state.steps / start.steps) * (reported ? state.activity / reported : 1) : null);
  function sum(values) { return values.reduce((total, one) => (known(total) && known(one) ? total + one : null), 0); }
  function efficiency(steps, activity, chosen) {
    const ann = sum(rows.map((row) => saved(row, chosen)));
    const snn = sum(rows.map((row) => spent(row, steps, activity, chosen)));
    return { ann, snn, ee: known(ann) && snn ? ann / snn : null };
  }
  function convolutions(steps, activity, chosen) {
    const spiking = rows.filter((row) => row.kind === "conv" && (row.neuron === "LIF" || row.neuron === "IF"));
    const ann = sum(spiking.map((row) => saved(row, chosen)));
    const snn = sum(spiking.map((row) => spent(row, steps, activity, chosen)));
    return known(ann) && snn ? ann / snn : null;
  }
  // E_SNN = fixed + S_A * slope at a given T.
  function parts(steps, chosen) {
    const fixed = efficiency(steps, 0, chosen);
    const one = efficiency(steps, 1, chosen);
    return { ann: fixed.ann, fixed: fixed.snn, slope: known(one.snn) ? one.snn - fixed.snn : null };
  }

  const digits = (number) => Number(number.toPrecision(4)).toString();
  function energyText(picojoules) {
    if (!known(picojoules)) return "?";
    const units = ["pJ", "nJ", "µJ", "mJ", "J", "kJ"];
    let unit = 0;
    while (Math.abs(picojoules) >= 1000 && unit < units.length - 1) { picojoules /= 1000; unit += 1; }
    return `${digits(picojoules)} ${units[unit]}`;
  }
  const countText = (number) => (known(number) ? Math.round(number).toLocaleString("en-US") : "?");
  function timesText(number) {
    if (!known(number)) return "?";
    if (number < 1) return `${Number(number.toPrecision(3))}x`;
    return `${number.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}x`;
  }
  function bytesText(number) {
    const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let unit = 0;
    while (number >= 1024 && unit < units.length - 1) { number /= 1024; unit += 1; }
    return `${digits(number)} ${units[unit]}`;
  }
  const rateText = (number) => (known(number) ? digits(number) : "?");

  function fill() {
    const chosen = profile();
    const total = efficiency(state.steps, state.activity, chosen);
    find("total-ann").textContent = energyText(total.ann);
    find("total-snn").textContent = energyText(total.snn);
    find("total-ee").textContent = timesText(total.ee);
    find("show-steps").textContent = state.steps.toLocaleString("en-US");
    find("show-activity").textContent = rateText(state.activity);
    const part = parts(state.steps, chosen);
    const conv = convolutions(state.steps, state.activity, chosen);
    say("bound", (known(part.fixed) && part.fixed > 0 ? `at most ${timesText(part.ann / part.fixed)}` : "not bounded") +
      (known(conv) && timesText(conv) !== timesText(total.ee) ? `; EE_Conv ${timesText(conv)}` : ""));
    say("break-even", evenText(part) + (known(reported) ? "" : " No activity was given; the sliders start at 0.1."));
    [...find("layers").tBodies[0].rows].forEach((line, index) => fillRow(line, rows[index], chosen));
    const foot = find("layers").tFoot.rows[0];
    put(foot, "activity", rateText(state.activity));
    put(foot, "energy_ann_pj", energyText(total.ann));
    put(foot, "energy_snn_pj", energyText(total.snn));
    put(foot, "ee", timesText(total.ee));
    put(foot, "effective_ops", countText(sum(rows.filter((row) => row.form.per_spike).map(effective))));
    fillTraffic(chosen);
    fillMemory();
  }
  function fillTraffic(chosen) {
    const regimes = data.traffic[chosen.name];
    for (const line of find("traffic").tBodies[0].rows) {
      const part = regimes[line.dataset.regime];
      const snn = part ? part.once + state.steps * (part.per_step + state.activity * part.per_spike) : null;
      put(line, "energy_ann_pj", energyText(part ? part.ann : null));
      put(line, "energy_snn_pj", energyText(snn));
      put(line, "ee", timesText(part && snn ? part.ann / snn : null));
    }
  }
  // Bytes are fixed + B (once + T per step); of several forms the largest counts.
  function fillMemory() {
    const batch = data.report.memory.batch;
    const most = (forms) => forms.reduce((top, [fixed, once, each]) => Math.max(top, fixed + batch * (once + state.steps * each)), 0);
    const { live, saved: kept, inputs, segments } = data.memory;
    find("memory-steps").textContent = state.steps.toLocaleString("en-US");
    find("memory-live").textContent = bytesText(most(live));
    find("memory-saved").textContent = bytesText(most(kept));
    find("memory-again").textContent = bytesText(most(inputs) + most(segments));
  }
  function evenText(part) {
    if (!known(part.slope) || !known(part.ann)) return "Break-even: the profile lacks an energy.";
    if (part.slope === 0) return "Nothing here is caused by spikes.";
    const even = (part.ann - part.fixed) / part.slope;
    if (even <= 0) return "Break-even: never; without a single spike the SNN costs more.";
    return `Break-even at S_A = ${rateText(even)} for T = ${state.steps.toLocaleString("en-US")}: ` +
      (state.activity < even ? "the SNN pays." : "the ANN is cheaper.");
  }
  // The paper's symbols with their subscripts.
  function say(id, text) {
    find(id).replaceChildren(...text.split(/(EE_Conv|S_A)/).map((piece) => {
      const [, letter, index] = /^(EE|S)_(\w+)$/.exec(piece) || [];
      if (!letter) return piece;
      const symbol = document.createElement("span"), low = document.createElement("sub");
      low.textContent = index;
      symbol.append(letter, low);
      return symbol;
    }));
  }
  function put(line, key, text) {
    const cell = line.querySelector(`[data-key="${key}"]`);
    if (cell) cell.textContent = text;
  }
  function fillRow(line, row, chosen) {
    const ann = saved(row, chosen);
    const snn = spent(row, state.steps, state.activity, chosen);
    put(line, "ops_per_inference", countText(operations(row, state.steps, state.activity)));
    if (row.form.per_spike) {
      put(line, "activity", rateText(rateOf(row, state.activity)));
      put(line, "effective_ops", countText(effective(row)));
    }
    put(line, "energy_ann_pj", energyText(ann));
    put(line, "energy_snn_pj", energyText(snn));
    if (row.form.count && row.ann_count) put(line, "ee", timesText(known(ann) && snn ? ann / snn : null));
  }

  // ---- plots ----
  const SPACE = "http://www.w3.org/2000/svg";
  function draw(parent, name, attributes, text) {
    const made = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  }
  function canvas(id, width, height, label) {
    const svg = document.createElementNS(SPACE, "svg");
    const size = { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label };
    for (const [key, value] of Object.entries(size)) svg.setAttribute(key, value);
    find(id).replaceChildren(svg);
    return svg;
  }
  const power = (exponent) => (exponent >= -3 && exponent <= 4 ? Number(10 ** exponent).toLocaleString("en-US", { maximumFractionDigits: 3 }) : `1e${exponent}`);

  function layers() {
    const chosen = profile();
    const left = 58, top = 12, plot = 200, room = Math.max(260, find("plot-layers").clientWidth);
    const step = Math.max(rows.length > 80 ? 6 : 16, Math.min(240, (room - left - 8) / rows.length));
    const width = Math.max(room, left + step * rows.length + 8);
    const svg = canvas("plot-layers", width, top + plot + 58, "energy of each layer in both twins");
    const energies = rows.flatMap((row) => [saved(row, chosen), spent(row, state.steps, state.activity, chosen)]).filter((one) => one > 0);
    if (!energies.length) { draw(svg, "text", { x: left, y: 40 }, "no energies are known"); return; }
    const low = Math.floor(Math.log10(Math.min(...energies))), high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...energies))));
    const y = (energy) => top + plot * (1 - (Math.log10(energy) - low) / (high - low));
    for (let exponent = low; exponent <= high; exponent += 1) {
      draw(svg, "line", { x1: left, x2: width - 8, y1: y(10 ** exponent), y2: y(10 ** exponent), class: "axis" });
      draw(svg, "text", { x: left - 6, y: y(10 ** exponent) + 4, "text-anchor": "end" }, energyText(10 ** exponent));
    }
    rows.forEach((row, index) => {
      const bar = Math.min(36, step * 0.36), x = left + step * (index + 0.5) - bar;
      [["ann", saved(row, chosen)], ["snn", spent(row, state.steps, state.activity, chosen)]].forEach(([name, energy], side) => {
        if (!(energy > 0)) return;
        const rect = draw(svg, "rect", { x: x + side * bar, y: y(energy), width: bar, height: Math.max(1, top + plot - y(energy)), class: name });
        draw(rect, "title", {}, `${label(row)} ${name.toUpperCase()}: ${energyText(energy)}`);
      });
      if (step >= 12) draw(svg, "text", { transform: `translate(${x + bar},${top + plot + 12}) rotate(-45)`, "text-anchor": "end" }, label(row));
    });
  }
  const repeated = new Set(rows.filter((row) => row.application > 1).map((row) => row.layer));
  const label = (row) => (repeated.has(row.layer) ? `${row.layer}@${row.application}` : row.layer);

  // "mean S_A" with its subscript, in a drawing.
  function symbols(parent, attributes, text) {
    const made = draw(parent, "text", attributes, "");
    text.split(/_(\w+)/).forEach((piece, index) => {
      draw(made, "tspan", index % 2 ? { dy: 3, "font-size": "75%" } : index ? { dy: -3 } : {}, piece);
    });
  }
  function curve(id, from, to, value, marks, axis) {
    const left = 52, top = 14, width = Math.max(280, find(id).clientWidth), height = 240, right = 14, bottom = 36;
    const svg = canvas(id, width, height, `EE against ${axis}`);
    const points = [];
    for (let index = 0; index <= 120; index += 1) {
      const x = from * (to / from) ** (index / 120);
      const ee = value(x);
      if (ee > 0) points.push([x, ee]);
    }
    if (!points.length) { draw(svg, "text", { x: left, y: 40 }, "EE is not known"); return; }
    const values = [...points.map((point) => point[1]), 1];
    const low = Math.floor(Math.log10(Math.min(...values))), high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
    const px = (x) => left + (width - left - right) * Math.log(x / from) / Math.log(to / from);
    const py = (ee) => top + (height - top - bottom) * (1 - (Math.log10(ee) - low) / (high - low));
    for (let exponent = low; exponent <= high; exponent += 1) {
      draw(svg, "line", { x1: left, x2: width - right, y1: py(10 ** exponent), y2: py(10 ** exponent), class: "axis" });
      draw(svg, "text", { x: left - 6, y: py(10 ** exponent) + 4, "text-anchor": "end" }, `${power(exponent)}x`);
      for (const part of high - low <= 3 && exponent < high ? [2, 5] : []) {
        const ee = part * 10 ** exponent;
        draw(svg, "line", { x1: left, x2: width - right, y1: py(ee), y2: py(ee), class: "axis fine" });
        if (high - low <= 2) draw(svg, "text", { x: left - 6, y: py(ee) + 4, "text-anchor": "end", class: "fine" }, `${digits(ee)}x`);
      }
    }
    for (let exponent = Math.ceil(Math.log10(from) - 1e-9); exponent <= Math.log10(to) + 1e-9; exponent += 1) {
      const anchor = px(10 ** exponent) > width - right - 20 ? "end" : "middle";
      draw(svg, "text", { x: px(10 ** exponent), y: height - bottom + 17, "text-anchor": anchor }, power(exponent));
    }
    symbols(svg, { x: (left + width - right) / 2, y: height - 5, "text-anchor": "middle" }, axis);
    draw(svg, "line", { x1: left, x2: width - right, y1: py(1), y2: py(1), class: "even" });
    draw(svg, "path", { d: `M${points.map(([x, ee]) => `${px(x).toFixed(1)},${py(ee).toFixed(1)}`).join("L")}`, class: "curve" });
    draw(svg, "text", { x: left + 4, y: py(1) - 5, class: "even" }, "break-even");
    if (marks.even > from && marks.even < to) {
      const x = px(marks.even), after = x < left + 90;  // EE falls: there is room to the left below
      draw(svg, "line", { x1: x, x2: x, y1: py(1), y2: height - bottom, class: "even" });
      draw(svg, "circle", { cx: x, cy: py(1), r: 3.5, class: "even dot" });
      draw(svg, "text", { x: after ? x + 6 : x - 6, y: py(1) + 13, "text-anchor": after ? "start" : "end", class: "even" }, marks.text);
    }
    const ee = value(marks.at);
    if (ee > 0) draw(svg, "circle", { cx: px(Math.min(to, Math.max(from, marks.at))), cy: py(ee), r: 5, class: "snn" });
    if (marks.bound && Math.log10(marks.bound) <= high) {
      draw(svg, "line", { x1: left, x2: width - right, y1: py(marks.bound), y2: py(marks.bound), class: "limit" });
      draw(svg, "text", { x: width - right - 2, y: py(marks.bound) - 4, "text-anchor": "end", class: "limit" }, `at most ${timesText(marks.bound)}`);
    }
  }

  function update() {
    fill();
    layers();
    const chosen = profile(), part = parts(state.steps, chosen);
    const bound = known(part.fixed) && part.fixed > 0 ? part.ann / part.fixed : null;
    const even = (part.ann - part.fixed) / part.slope, steps = evenSteps(chosen);
    curve("plot-activity", 1e-4, 1, (x) => efficiency(state.steps, x, chosen).ee,
      { at: state.activity, bound, even, text: rateText(even) }, "mean S_A, spikes per value and step");
    curve("plot-steps", 1, mostSteps, (x) => efficiency(x, state.activity, chosen).ee,
      { at: state.steps, even: steps, text: `T = ${digits(steps)}` }, "T, time-steps");
  }
  // The T at which both cost the same, at this S_A; E_SNN is linear in T.
  function evenSteps(chosen) {
    const one = efficiency(1, state.activity, chosen), two = efficiency(2, state.activity, chosen);
    return (one.ann - one.snn) / (two.snn - one.snn) + 1;
  }
  function show() {
    find("steps").value = placeOfSteps(state.steps);
    find("activity").value = placeOfActivity(state.activity);
    find("profile").value = state.profile;
    update();
  }
  function fromAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    const steps = Number(given.get("T")), activity = Number(given.get("S_A"));
    if (Number.isInteger(steps) && steps >= 1) state.steps = steps;
    if (activity > 0 && Number.isFinite(activity)) state.activity = activity;
    if (data.profiles.some((one) => one.name === given.get("profile"))) state.profile = given.get("profile");
    show();
  }
  for (const one of data.profiles) {
    const option = document.createElement("option");
    option.value = one.name;
    option.textContent = `${one.title} (MAC ${known(one.mac_pj) ? `${one.mac_pj} pJ` : "?"}, AC ${known(one.ac_pj) ? `${one.ac_pj} pJ` : "?"})`;
    find("profile").append(option);
  }
  find("steps").addEventListener("input", (event) => { state.steps = stepsAt(Number(event.target.value)); update(); });
  find("activity").addEventListener("input", (event) => { state.activity = activityAt(Number(event.target.value)); update(); });
  find("profile").addEventListener("change", (event) => { state.profile = event.target.value; update(); });
  find("reset").addEventListener("click", () => { Object.assign(state, start); show(); });
  window.addEventListener("hashchange", fromAddress);
  window.addEventListener("resize", update);
  fromAddress();
})();

// Arrows from row to row, and light: everything that belongs to the row that the reader points at, and in words why its
// count is what it is.
'use strict';

const kMostArrows = 400;
const svgSpace = 'http://www.w3.org/2000/svg';
const whyElement = document.getElementById('why');
const lit = { keys: new Set(), key: null, pinned: null };
const kHint = 'Point at a frame, a page, a region or a swap block, or go to it with the Tab and arrow keys: ' +
              'what belongs to it lights up, and here stands why its count is what it is.';

const flat = (lines) => lines.flatMap((line) => line.folds ?? [line]);

function svg(tag, attributes) {
  const element = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// The arrows of the model: { from, to, kind, changed }, ends by key.
function arrows() {
  const found = [];
  const changed = (line, ...columns) => line.mark !== undefined &&
    (line.mark.came || columns.some(([name, column]) => line.mark.was?.has(tables.get(name).at[column])));
  const pregionMarks = marks('pregions');
  for (const process of model.processes) {
    for (const pregion of process.pregions) {
      const line = { mark: pregionMarks.get(pregion.row.number) };
      if (pregion.region) found.push({ from: pregion.key, to: pregion.region.key, kind: 'pregion', changed: changed(line, ['pregions', 'region']) });
    }
  }
  for (const region of model.regions) {
    found.push({ from: region.key, to: `t${region.id}`, kind: 'table' });
    for (const line of region.lines) {
      if (line.folds) continue;
      if (line.valid) {
        const ends = new Set([covering(model.frames, line.frame), covering(model.frames, line.lastFrame)]);
        for (const end of ends) {
          if (end) found.push({ from: line.key, to: end.key, kind: 'frame', changed: changed(line, ['pages', 'frame']) });
        }
      }
      const lastDisk = line.last[tables.get('pages').at.disk];
      for (const block of new Set([blockLine(line.disk), blockLine(lastDisk)])) {
        if (block) found.push({ from: line.key, to: block.key, kind: 'swap', changed: changed(line, ['pages', 'disk']) });
      }
    }
  }
  for (const line of model.frames) {
    const block = !line.folds && blockLine(line.disk);
    if (block) found.push({ from: line.key, to: block.key, kind: 'swap', changed: changed(line, ['pfdata', 'disk']) });
  }
  if (found.length <= kMostArrows) return found;
  return found.sort((a, b) => Number(b.changed ?? false) - Number(a.changed ?? false)).slice(0, kMostArrows);
}

function drawArrows() {
  const head = (size) => {
    const marker = svg('marker', { id: 'head', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: size, markerHeight: size, orient: 'auto', markerUnits: 'userSpaceOnUse' });
    marker.append(svg('path', { d: 'M0 0.5L8 4L0 7.5Z' }));
    return marker;
  };
  const box = document.getElementById('drawing').getBoundingClientRect();
  if (getComputedStyle(arrowsElement).display === 'none') {
    arrowsElement.replaceChildren();
    return;
  }
  const ends = new Map();
  const end = (key) => {
    if (!ends.has(key)) ends.set(key, elements.get(key)?.getBoundingClientRect());
    return ends.get(key);
  };
  const drawn = [];
  for (const arrow of arrows()) {
    const from = end(arrow.from);
    const to = end(arrow.to);
    if (!from || !to) continue;
    const x1 = from.right - box.left;
    const y1 = (from.top + from.bottom) / 2 - box.top;
    const x2 = to.left - box.left - 1;
    const y2 = (to.top + to.bottom) / 2 - box.top;
    const bend = Math.max(18, (x2 - x1) / 2);
    const path = svg('path', { d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, class: `${arrow.kind}${arrow.changed ? ' changed' : ''}`, 'marker-end': 'url(#head)' });
    path.dataset.from = arrow.from;
    path.dataset.to = arrow.to;
    drawn.push(path);
  }
  const defs = svg('defs', {});
  defs.append(head(9));
  arrowsElement.replaceChildren(defs, ...drawn);
}

const usersText = (region) => listed([...new Set(region.users.map((pregion) => pregion.process.name))]);
const regionText = (region) => `region ${region.id} (${region.type}${region.users.length ? ` of ${usersText(region)}` : ''})`;

// The pages that name a frame of a line.
function pagesOf(line) {
  const at = tables.get('pages').at;
  return model.regions.flatMap((region) => flat(region.lines).filter((each) =>
    each.frame !== null && each.frame <= line.last && each.lastFrame >= line.first).map((each) => ({ region, line: each, page: range(each.first[at.page], each.last[at.page]) })));
}

function lightRegion(region, keys) {
  keys.add(region.key).add(`t${region.id}`);
  for (const pregion of region.users) keys.add(pregion.key);
}

const asSentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function frameWhy(line, pages) {
  const name = line.first === line.last ? `Frame ${line.first}` : `Frames ${range(line.first, line.last)}`;
  const holds = line.disk !== 'none' ? ` ${line.first === line.last ? 'It holds' : 'They hold'} the contents of ${diskText(line.disk, line.lastDisk)}.` : '';
  if (line.refs === 0) return `${name}: count 0, so it is on the free list.${holds}${line.disk !== 'none' ? ' A fault for that block finds it there, until it is given to somebody else.' : ''}`;
  if (line.read) return `${name}: count ${line.refs}, as somebody inside the kernel reads ${line.disk === 'none' ? "a file's blocks" : diskText(line.disk, line.lastDisk)} into it. No page table entry leads to it before that has ended.`;
  const names = pages.map(({ region, line: { valid }, page }) => `page ${page} of ${regionText(region)}${valid ? '' : ', which waits to be written'}`);
  const entries = names.length > 6 ? `${plural(names.length, 'place')} in the page tables` : listed(names);
  const shared = pages.filter(({ region }) => region.users.length > 1).map(({ region }) =>
    ` ${usersText(region)} share region ${region.id} itself, and with it one page table: its entry counts once.`);
  return `${name}: count ${line.refs}, as ${line.refs === 1 ? 'one page table entry leads' : `${line.refs} page table entries lead`} to ${line.first === line.last ? 'it' : 'each'}: ${entries}.${shared[0] ?? ''}${holds}`;
}

function pageWhy(line) {
  const at = tables.get('pages').at;
  const { region } = line;
  const page = range(line.first[at.page], line.last[at.page]);
  if (!line.valid && line.frame !== null) return `Page ${page} of ${regionText(region)} is not valid: it waits in frame ${range(line.frame, line.lastFrame)} to be written to swap. A fault before that finds it there.`;
  if (!line.valid) {
    const from = { none: 'it has no contents yet', zero: 'a fault gives it a frame of zeros', fill: 'a fault gives it a frame that exec will fill' }[line.disk] ??
      (line.disk.startsWith('swap') ? `a fault reads it from swap block ${line.disk.slice(5)}` : `a fault reads it from the program's file, block ${splitDisk(line.disk)[1]}`);
    return `Page ${page} of ${regionText(region)} is not valid: ${from}.`;
  }
  const write = line.first[at.cow] === 1 ? ' It is copy on write: the next write to it faults, and copies the frame if its count is more than 1.' : '';
  return `Page ${page} of ${regionText(region)} is valid, in frame ${range(line.frame, line.lastFrame)}.${write}`;
}

function regionWhy(region) {
  const others = region.refs - region.users.filter((pregion) => get('pregions', pregion.row, 'borrowed') !== 1).length;
  const attached = region.users.length ? `attached to ${usersText(region)}` : 'attached to no process';
  return `Region ${region.id} (${region.type}): count ${region.refs}, as it is ${attached}${others > 0 ? ', and sticky text or a key of shared memory holds it' : ''}.` +
    (region.users.length > 1 ? ' They use one page table; a frame that it leads to counts this once.' : '');
}

// What belongs to a key: { keys, why }.
function belongs(key) {
  const keys = new Set();
  let why = '';
  const lightFrame = (line) => {
    keys.add(line.key);
    const block = blockLine(line.disk);
    if (block) keys.add(block.key);
    for (const entry of model.tlb) if (line.first <= entry.frame && entry.frame <= line.last) keys.add(entry.key);
    for (const run of model.free) if (run.first <= line.last && line.first <= run.last) keys.add(run.key);
    for (const { region, line: page } of pagesOf(line)) {
      keys.add(page.key);
      lightRegion(region, keys);
      const swap = blockLine(page.disk);
      if (swap) keys.add(swap.key);
    }
  };
  const lightBlock = (block) => {
    keys.add(block.key);
    const is = (disk) => blockLine(disk) === block;
    for (const region of model.regions) {
      for (const line of flat(region.lines)) {
        if (!is(line.disk)) continue;
        keys.add(line.key);
        lightRegion(region, keys);
      }
    }
    for (const line of flat(model.frames)) if (is(line.disk)) keys.add(line.key);
  };
  const region = key.startsWith('t') ? model.regions.find(({ id }) => key === `t${id}`) : model.regions.find((each) => each.key === key);
  const frame = key.startsWith('f') && flat(model.frames).find((line) => line.key === key);
  const page = key.startsWith('g') && model.regions.flatMap(({ lines }) => flat(lines)).find((line) => line.key === key);
  const block = key.startsWith('s') && flat(model.swap).find((line) => line.key === key);
  const pregion = key.startsWith('a') && model.processes.flatMap(({ pregions }) => pregions).find((each) => each.key === key);
  const entry = key.startsWith('b') && model.tlb.find((each) => each.key === key);
  const free = key.startsWith('l') && model.free.find((each) => each.key === key);
  if (entry) {
    keys.add(key);
    const line = flat(model.frames).find((each) => each.first <= entry.frame && entry.frame <= each.last);
    if (line) lightFrame(line);
    why = `The TLB knows that ${entry.address} of address space ${entry.asid} leads to frame ${entry.frame}, and grants ${entry.grants}. While it does, nobody walks the page table for it.`;
  } else if (free) {
    keys.add(key);
    for (const line of flat(model.frames)) if (line.first <= free.last && free.first <= line.last) keys.add(line.key);
    const place = free.place === 0 ? 'at the head of the free list: the next frame that is wanted is one of these' : `behind ${plural(free.place, 'other run', 'other runs')} on the free list`;
    why = `Frames ${range(free.first, free.last)} are ${place}.`;
  } else if (frame) {
    lightFrame(frame);
    why = frameWhy(frame, pagesOf(frame));
  } else if (page) {
    keys.add(key);
    lightRegion(page.region, keys);
    const line = page.frame !== null && flat(model.frames).find((each) => each.first <= page.frame && page.frame <= each.last);
    if (line) lightFrame(line);
    const swap = blockLine(page.disk);
    if (swap) lightBlock(swap);
    why = pageWhy(page) + (line ? ` ${frameWhy(line, pagesOf(line))}` : '');
  } else if (block) {
    lightBlock(block);
    why = `Swap block ${block.device}:${range(block.first, block.last)}: use count ${block.refs}, as ${block.refs === 1 ? 'one disk block descriptor names' : `${block.refs} disk block descriptors name`} it.`;
  } else if (region) {
    lightRegion(region, keys);
    why = regionWhy(region);
  } else if (pregion?.region) {
    keys.add(key).add(pregion.region.key).add(`t${pregion.region.id}`);
    why = `${pregion.process.name}'s pregion of type ${get('pregions', pregion.row, 'type')} leads to region ${pregion.region.id}. ${regionWhy(pregion.region)}`;
  } else {
    return null;
  }
  return { keys, why };
}

// Shows what is lit: the pinned row, or the one that the reader points at.
function light(key = lit.key) {
  lit.key = key;
  const found = (key !== null && belongs(key)) || (lit.pinned !== null && belongs(lit.pinned)) || null;
  lit.keys = found?.keys ?? new Set();
  for (const element of columnsElement.querySelectorAll('.lit')) element.classList.remove('lit');
  for (const each of lit.keys) elements.get(each)?.classList.add('lit');
  arrowsElement.classList.toggle('some', lit.keys.size > 0);
  for (const path of arrowsElement.querySelectorAll(':scope > path')) {
    path.classList.toggle('lit', lit.keys.has(path.dataset.from) && lit.keys.has(path.dataset.to));
  }
  whyElement.textContent = found ? found.why : kHint;
  whyElement.classList.toggle('hint', found === null);
  for (const button of columnsElement.querySelectorAll('button[data-pick][aria-pressed=true]')) {
    if (button.dataset.pick !== lit.pinned) button.setAttribute('aria-pressed', 'false');
  }
  if (lit.pinned !== null) columnsElement.querySelector(`button[data-pick="${CSS.escape(lit.pinned)}"]`)?.setAttribute('aria-pressed', 'true');
}

function pin(key) {
  lit.pinned = lit.pinned === key ? null : key;
  lit.keys = (lit.pinned !== null && belongs(lit.pinned)?.keys) || new Set();
  draw();  // rows that belong to it are unfolded
}

// A number that can be pointed at, focused and pinned.
function pick(key, text, label) {
  const button = make('button', { type: 'button', 'data-pick': key, 'aria-label': `${label}: show what belongs to it`, 'aria-pressed': 'false', tabindex: '-1' }, text);
  button.addEventListener('click', () => pin(key));
  return button;
}

const picks = () => [...columnsElement.querySelectorAll('button[data-pick]')];

// One of them is in the order of Tab; the arrow keys go up and down among them.
function roving() {
  const list = picks();
  const chosen = list.find((button) => button === document.activeElement) ?? list.find((button) => button.tabIndex === 0) ?? list[0];
  rove(list, chosen);
}

function rove(list, chosen) {
  for (const button of list) {
    const index = button === chosen ? 0 : -1;
    if (button.tabIndex !== index) button.tabIndex = index;
  }
}

columnsElement.addEventListener('pointerover', (event) => light(event.target.closest('[data-key]')?.dataset.key ?? null));
columnsElement.addEventListener('pointerleave', () => light(null));
columnsElement.addEventListener('focusin', (event) => {
  if (!event.target.dataset.pick) return;
  rove(picks(), event.target);
  light(event.target.dataset.pick);
});
columnsElement.addEventListener('focusout', () => light(null));
columnsElement.addEventListener('keydown', (event) => {
  const list = picks();
  const index = list.indexOf(event.target);
  const to = { ArrowUp: index - 1, ArrowDown: index + 1 }[event.key];
  if (index < 0 || to === undefined) return;
  event.preventDefault();
  list[to]?.focus();
});
addEventListener('resize', () => { smallest = 1; fit(); drawArrows(); light(); });

// The data of the page: the rows of all tables at a step, and steps forward and back.
//
// A step holds the rows that went, came and changed, as sim/page/cells.h writes them. A changed row holds what was and
// what is, so that a step can be taken back exactly.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const steps = data.steps;
const tables = new Map();  // by name: { at: { column: index }, rows: Map of row number to cells, order }
const numbers = [];        // counters, then gauges
let freeRuns = [];         // the free list from its head: [first, last] of each run of frames
let now = 0;               // index into steps

// Columns that tell rows of a table apart, and order them.
const kKeys = { processes: ['pid'], pregions: ['process', 'index'], regions: ['id'], pages: ['region', 'page'],
                pfdata: ['frame'], swap_use: ['device', 'block'], swap_map: ['device', 'address'], tlb: ['slot'] };

for (const [name, ...columns] of data.tables) {
  tables.set(name, { at: Object.fromEntries(columns.map((column, index) => [column, index])), columns, rows: new Map(),
                     order: null });
}
const tableList = [...tables.values()];
const numberNames = [...data.counters, ...data.gauges];
steps.forEach((step, index) => { if (index === 0) step.n = 0; });

// A value that counts on from row to row stands in an array.
function cell(value, k) {
  if (!Array.isArray(value)) return value;
  return value.length === 1 ? value[0] + k : value[0] + (value[1] + k);
}

function put(rows, run) {
  const [first, count, ...values] = run;
  for (let k = 0; k < count; ++k) rows.set(first + k, values.map((value) => cell(value, k)));
}

function drop(rows, run) {
  for (let k = 0; k < run[1]; ++k) rows.delete(run[0] + k);
}

// Calls visit(column, was, is, added) for each column of a run of changed rows; `added` is a number, or undefined.
function forEachChange(run, visit) {
  for (let i = 2; i < run.length; i += 3) {
    const added = run[i + 1] !== null && typeof run[i + 1] === 'object' ? run[i + 1]['+'] : undefined;
    visit(run[i], run[i + 1], run[i + 2], added);
  }
}

function change(rows, run, forward) {
  for (let k = 0; k < run[1]; ++k) {
    const row = rows.get(run[0] + k).slice();
    forEachChange(run, (column, was, is, added) => {
      if (added !== undefined) row[column] += forward ? added : -added;
      else row[column] = cell(forward ? is : was, k);
    });
    rows.set(run[0] + k, row);
  }
}

// Pages by region: row numbers by page. And the regions of which a page changed since touchedRegions was cleared.
const pageTable = tables.get('pages');
const regionPages = new Map();
const touchedRegions = new Set();

// Calls visit(region, page, number) for each row of some runs of pages.
function forEachPage(pageRuns, visit) {
  const { at, rows } = pageTable;
  for (const [first, count] of pageRuns) {
    for (let number = first; number < first + count; ++number) {
      const cells = rows.get(number);
      touchedRegions.add(cells[at.region]);
      visit(cells[at.region], cells[at.page], number);
    }
  }
}

function addPage(region, page, number) {
  let list = regionPages.get(region);
  if (list === undefined) regionPages.set(region, list = new Map());
  list.set(page, number);
}

function apply(step, forward) {
  for (let i = 0; i < step.r.length; i += 2) {
    const table = tableList[step.r[i]];
    const { rows } = table;
    const [gone, came, changed] = step.r[i + 1];
    const [old, fresh] = forward ? [gone, came] : [came, gone];
    if (table === pageTable) forEachPage(old, (region, page) => regionPages.get(region).delete(page));
    for (const run of old) drop(rows, run);
    for (const run of fresh) put(rows, run);
    for (const run of changed) change(rows, run, forward);
    if (table === pageTable) {
      forEachPage(fresh, addPage);
      forEachPage(changed, () => {});
    }
    if (gone.length > 0 || came.length > 0) table.order = null;
  }
  moveFree(step.q ?? [], forward);
  for (let i = 0; i < step.c.length; i += 2) {
    numbers[step.c[i]] += forward ? step.c[i + 1] : -step.c[i + 1];
  }
}

// How a step moved the free list: [index in it after the step, runs that went, runs that came] of each place.
function freeMoves(moves) {
  const pairs = (list) => list.filter((_, k) => k % 2 === 0).map((first, k) => [first, list[2 * k + 1]]);
  const found = [];
  let shift = 0;
  for (let i = 0; i < moves.length; i += 3) {
    const gone = pairs(moves[i + 1]);
    const came = pairs(moves[i + 2]);
    found.push({ was: moves[i], is: moves[i] + shift, gone, came });
    shift += came.length - gone.length;
  }
  return found;
}

// Places behind others are moved first, so that indices stay what they are. Long lists come in pieces: a call has not
// room for as many arguments as there may be runs.
const kMostAtOnce = 10000;
function moveFree(moves, forward) {
  for (const { was, is, gone, came } of freeMoves(moves).reverse()) {
    const [at, out, into] = forward ? [was, gone, came] : [is, came, gone];
    freeRuns.splice(at, out.length);
    for (let i = 0; i < into.length; i += kMostAtOnce) freeRuns.splice(at + i, 0, ...into.slice(i, i + kMostAtOnce));
  }
}

// Stands before the first step: nothing is there.
function rewind() {
  for (const table of tableList) {
    table.rows.clear();
    table.order = null;
  }
  for (const region of regionPages.keys()) touchedRegions.add(region);
  regionPages.clear();
  freeRuns = [];
  numbers.length = 0;
  for (const name of numberNames) numbers.push(0);
  apply(steps[0], true);
  now = 0;
}

// Moves the rows to a step, by its index, on the shortest way.
function moveTo(index) {
  if (index < now - index) rewind();
  while (now < index) apply(steps[++now], true);
  while (now > index) apply(steps[now--], false);
}

// Rows of a table as objects, in the order of its keys.
function sorted(name) {
  const table = tables.get(name);
  const { rows } = table;
  if (table.order === null) {
    const [first, second] = kKeys[name].map((key) => table.at[key]);
    const numberOf = new Map();
    for (const [number, cells] of rows) {
      numberOf.set(second === undefined ? cells[first] : cells[first] * 2 ** 32 + cells[second], number);
    }
    table.order = Array.from(Float64Array.from(numberOf.keys()).sort(), (key) => numberOf.get(key));
  }
  return table.order.map((number) => ({ number, cells: rows.get(number) }));
}

// How this step has changed a table: a Map of row number to { came } or { was: Map of column to its value before }.
function marks(name) {
  const found = new Map();
  const index = tableList.indexOf(tables.get(name));
  const step = steps[now];
  for (let i = 0; i < step.r.length && now > 0; i += 2) {
    if (step.r[i] !== index) continue;
    const [, came, changed] = step.r[i + 1];
    for (const run of came) {
      for (let k = 0; k < run[1]; ++k) found.set(run[0] + k, { came: true });
    }
    for (const run of changed) {
      for (let k = 0; k < run[1]; ++k) {
        const was = new Map();
        const cells = tableList[index].rows.get(run[0] + k);
        forEachChange(run, (column, before, is, added) => {
          was.set(column, added !== undefined ? cells[column] - added : cell(before, k));
        });
        found.set(run[0] + k, { was });
      }
    }
  }
  return found;
}

// What a row has in a column.
const get = (name, row, column) => row.cells[tables.get(name).at[column]];

// `file:5` as [`file:`, 5]; others as [text, null].
const splitDisks = new Map();
function splitDisk(text) {
  let parts = splitDisks.get(text);
  if (parts === undefined) {
    const match = /^(.*:)(\d+)$/.exec(text ?? '');
    parts = match ? [match[1], Number(match[2])] : [text, null];
    splitDisks.set(text, parts);
  }
  return parts;
}

// Where counters moved: a list of [step index, value] for each number that the run changes after its start.
function series() {
  const found = new Map();
  steps.forEach((step, index) => {
    for (let i = 0; i < step.c.length; i += 2) {
      const points = found.get(step.c[i]) ?? [[0, 0]];
      const value = points[points.length - 1][1] + step.c[i + 1];
      if (index === 0) points[0][1] = value;
      else points.push([index, value]);
      found.set(step.c[i], points);
    }
  });
  return [...found].filter(([, points]) => points.length > 1).sort(([a], [b]) => a - b);
}

// Steps in which something of a kind happened, ascending.
function stepsOf(kind) {
  const counters = {
    fault: ['trap.fetch_fault', 'trap.load_fault', 'trap.store_fault', 'vfault.total', 'pfault.total'],
    copy: ['pfault.copied', 'fork.pages_copied'],
    steal: ['stealer.stolen'],
  }[kind];
  const wanted = new Set((counters ?? []).map((name) => numberNames.indexOf(name)));
  const found = [];
  steps.forEach((step, index) => {
    if (index === 0) return;
    const moved = () => { for (let i = 0; i < step.c.length; i += 2) if (wanted.has(step.c[i])) return true; return false; };
    if (kind === 'expectation' ? step.x : kind === 'sleep' ? step.w : moved()) found.push(index);
  });
  return found;
}

/** Owns the page: makes the parts, connects them, and draws at most once per frame. */

import * as api from './api.js';
import { createChannelList, createSwitcher, neighbour, titleOf, unreadOf } from './channels.js';
import { createComposer } from './composer.js';
import { createConnectionView } from './connection.js';
import { createInteractions } from './interactions.js';
import { createLog } from './log.js';
import { recall, remember } from './prefs.js';
import { createProfile, DEFAULT_NAME } from './profile.js';
import { renderEdge } from './render/edge.js';
import { createStore, initialState } from './store.js';
import { createStream } from './stream.js';
import { createSync } from './sync.js';
import * as theme from './theme.js';

/** Dismissed ids remembered over a reload. */
const MAX_DISMISSED = 200;
/** Hidden for longer, the connection may be a dead one that nobody closed: it is made anew. */
const ASLEEP_MS = 60_000;
/** Between two drawings: under a flood of messages the page stays usable, a single one is drawn at once. */
const PACE_MS = 80;
/** A hidden page gets no animation frames; its title still counts. */
const HIDDEN_PACE_MS = 250;

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

const store = createStore(initialState({ user: recall('user', DEFAULT_NAME), dismissed: recall('dismissed', []) }));
const sync = createSync({ api, store, recallRead: () => recall('read', {}), prefer: recall('channel', null) });
const stream = createStream({
  prepare: sync.prepare,
  onFrame: (frame) => store.dispatch({ type: 'frame', frame }),
  onConnection: (connection) => store.dispatch({ type: 'connection', connection }),
});

const log = createLog({
  root: byId('log'), list: byId('messages'), pill: byId('newest'), store, sync,
  edge: (channel, retry) => renderEdge(channel, retry, composer.suggest),
  actions: { perform: createInteractions({ post: api.postInteraction, user: () => store.get().user, onExpired }), dismiss },
});
const composer = createComposer(
  { form: byId('composer'), text: byId('text'), chip: byId('chip'), problem: byId('problem') },
  { post: api.postMessage, store, onExpired, onSent: log.toNewest },
);
const drawChannels = createChannelList(byId('channels'), select);
const switcher = createSwitcher(byId('switcher'), store.get, select);
const drawConnection = createConnectionView({ pill: byId('connection'), banner: byId('banner') }, store.get, stream.retryNow);
const drawProfile = createProfile({ button: byId('user'), input: byId('user-name') }, () => store.get().user, rename);

let isScheduled = false;
let drawnAt = 0;

function schedule() {
  if (isScheduled) return;
  isScheduled = true;
  const pause = drawnAt + PACE_MS - performance.now();
  if (document.hidden) setTimeout(draw, HIDDEN_PACE_MS);
  else if (pause > 0) setTimeout(() => requestAnimationFrame(draw), pause);
  else requestAnimationFrame(draw);
}

function draw() {
  isScheduled = false;
  const state = store.get();
  const channel = state.channels[state.active ?? ''];
  drawChannels(state);
  drawConnection();
  drawProfile();
  log.render();
  drawElapsed();
  drawTitle(state, channel);
  if (channel?.status === 'loaded' && channel.unread === 0) rememberRead(channel);
  drawnAt = performance.now();
}

/** @param {import('./store.js').State} state @param {import('./timeline.js').Channel|undefined} channel */
function drawTitle(state, channel) {
  const unread = unreadOf(state);
  document.title = `${unread > 0 ? `(${unread}) ` : ''}${channel ? `#${titleOf(channel)} · ` : ''}Botkube`;
  byId('title').textContent = channel ? titleOf(channel) : '…';
  byId('channel-muted').hidden = !channel?.info.muted;
  byId('text').setAttribute('aria-label', channel ? `Message to #${titleOf(channel)}` : 'Message');
  byId('menu').classList.toggle('unread', unread > (channel?.unread ?? 0));
}

/** @param {import('./timeline.js').Channel} channel */
function rememberRead({ info, lastSeq }) {
  const read = recall('read', /** @type {Record<string, number>} */ ({}));
  if (read[info.name] !== lastSeq) remember('read', { ...read, [info.name]: lastSeq });
}

function drawElapsed() {
  for (const node of document.querySelectorAll('[data-since]')) {
    const seconds = Math.floor((Date.now() - Date.parse(/** @type {HTMLElement} */ (node).dataset.since ?? '')) / 1000);
    node.textContent = seconds >= 1 ? `${seconds} s` : '';
  }
}

/** @param {string|null} name */
function select(name) {
  if (name === null) return;
  store.dispatch({ type: 'select', name });
  remember('channel', name);
  showMenu(false);
  byId('text').focus();
}

/** @param {string} name */
function rename(name) {
  store.dispatch({ type: 'user', name });
  remember('user', name);
}

/** @param {string} id */
function dismiss(id) {
  store.dispatch({ type: 'dismiss', id });
  remember('dismissed', [...store.get().dismissed].slice(-MAX_DISMISSED));
}

function onExpired() {
  store.dispatch({ type: 'connection', connection: { kind: 'expired', reason: api.EXPIRED, retryAt: 0 } });
}

/** @param {boolean} open */
function showMenu(open) {
  document.body.classList.toggle('menu-open', open);
  byId('menu').setAttribute('aria-expanded', String(open));
}

/** Escape takes away the nearest thing that can go. */
function dismissNearest() {
  if (document.body.classList.contains('menu-open')) return showMenu(false);
  const own = Array.from(document.querySelectorAll('.private .dismiss'));
  return /** @type {HTMLElement|undefined} */ (own.at(-1))?.click();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const page = { PageUp: -0.9, PageDown: 0.9 }[event.key];
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') switcher.toggle();
  else if (event.altKey && step !== undefined) select(neighbour(store.get(), step === 1 ? 1 : -1));
  else if (page !== undefined && event.target === byId('text')) byId('log').scrollBy({ top: page * byId('log').clientHeight });
  else if (event.key === 'Escape' && !byId('switcher').hasAttribute('open')) return dismissNearest();
  else return undefined;
  return event.preventDefault();
}

function drawTheme(name = theme.current()) {
  byId('theme').textContent = { system: 'Auto', light: 'Light', dark: 'Dark' }[name];
  byId('theme').setAttribute('aria-label', `Colours: ${name}`);
}

let hiddenSince = 0;

function onVisibility() {
  isScheduled = false; // the animation frame of a page being hidden may not come
  store.dispatch({ type: 'visible', value: !document.hidden });
  if (document.hidden) hiddenSince = Date.now();
  else if (Date.now() - hiddenSince > ASLEEP_MS) stream.restart();
  else stream.retryNow();
}

store.subscribe(schedule);
document.addEventListener('keydown', onKey);
document.addEventListener('visibilitychange', onVisibility);
window.addEventListener('online', stream.restart);
byId('menu').addEventListener('click', () => showMenu(!document.body.classList.contains('menu-open')));
byId('scrim').addEventListener('click', () => showMenu(false));
byId('switch').addEventListener('click', switcher.toggle);
byId('theme').addEventListener('click', () => drawTheme(theme.next()));
setInterval(drawElapsed, 1000);
drawTheme();
schedule();
stream.start();
byId('text').focus();

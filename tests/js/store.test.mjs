import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStore, initialState, isVisible, reduce } from '../../botkube/web/static/store.js';
import { frame, post, typing } from './frames.mjs';

const after = (state, ...actions) => actions.reduce(reduce, state);
const list = [{ name: 'general' }, { name: 'alerts', muted: true }];
const arrives = (made) => ({ type: 'frame', frame: made });

/** A page that has just loaded its active channel. */
function started(newest = [], read = {}) {
  return after(initialState({ user: 'you' }), { type: 'channels', list }, { type: 'start', newest, read },
    { type: 'page', name: 'general', epoch: 0, frames: [], edge: 'newest' });
}

test('a frame is taken once, whatever the server repeats', () => {
  const state = after(started(), arrives(post(1)), arrives(post(2)), arrives(post(1)), arrives(post(2)));
  assert.deepEqual(state.channels.general.messages.map(({ seq }) => seq), [1, 2]);
  assert.equal(state.seq, 2);
});

test('typing repeats a seq and is taken all the same', () => {
  const state = after(started(), arrives(post(1)), arrives(typing(1, 'm1')));
  assert.deepEqual(Object.keys(state.channels.general.working), ['m1']);
});

test('the stream goes on after the highest seq of any channel', () => {
  const newest = [{ name: 'general', seq: 4, post: true }, { name: 'alerts', seq: 9, post: true }];
  assert.equal(started(newest).seq, 9);
  assert.equal(started().seq, 0);
});

test('unread counts what others say where nobody looks', () => {
  const state = after(started(), arrives(post(1)), arrives(post(2, { channel: 'alerts' })),
    arrives(post(3, { channel: 'alerts', author: 'you' })), arrives(frame({ seq: 4, channel: 'alerts', type: 'ephemeral', to: 'bob' })));
  assert.deepEqual([state.channels.general.unread, state.channels.alerts.unread], [0, 1]);
});

test('opening a channel and seeing its messages makes them read', () => {
  const unread = after(started(), arrives(post(1, { channel: 'alerts' })), { type: 'select', name: 'alerts' });
  assert.equal(unread.channels.alerts.unread, 1);
  const read = after(unread, { type: 'page', name: 'alerts', epoch: 0, frames: [post(1, { channel: 'alerts' })], edge: 'newest' });
  assert.equal(read.channels.alerts.unread, 0);
  assert.equal(read.channels.alerts.firstUnread, 1);
});

test('a hidden page reads nothing until it is looked at', () => {
  const hidden = after(started(), { type: 'visible', value: false }, arrives(post(1)));
  assert.equal(hidden.channels.general.unread, 1);
  assert.equal(after(hidden, { type: 'visible', value: true }).channels.general.unread, 0);
});

test('scrolled up, new messages are unread until the end is seen', () => {
  const up = after(started(), { type: 'following', name: 'general', value: false }, arrives(post(1)));
  assert.equal(up.channels.general.unread, 1);
  assert.equal(after(up, { type: 'following', name: 'general', value: true }).channels.general.unread, 0);
});

test('after a reload a channel with something newer than was read is marked', () => {
  const newest = [{ name: 'general', seq: 4, post: true }, { name: 'alerts', seq: 9, post: true }];
  assert.equal(started(newest, { alerts: 5 }).channels.alerts.unseen, true);
  assert.equal(started(newest, { alerts: 9 }).channels.alerts.unseen, false);
  assert.equal(started(newest).channels.alerts.unseen, false);
});

test('what is only visible to one user is shown to that user until dismissed', () => {
  const state = started();
  const own = frame({ type: 'ephemeral', id: 'e1', to: 'you' });
  assert.equal(isVisible(state, own), true);
  assert.equal(isVisible(state, frame({ type: 'ephemeral', to: 'bob' })), false);
  assert.equal(isVisible(state, frame({ type: 'ephemeral' })), false);
  assert.equal(isVisible(after(state, { type: 'user', name: 'bob' }), own), false);
  assert.equal(isVisible(after(state, { type: 'dismiss', id: 'e1' }), own), false);
});

test('a page asked for by an earlier window is not taken', () => {
  const state = after(started(), { type: 'start-over', name: 'general' },
    { type: 'page', name: 'general', epoch: 0, frames: [post(1)], edge: 'older' });
  assert.equal(state.channels.general.status, 'new');
  assert.equal(state.channels.general.messages.length, 0);
});

test('a failed load is said and can be tried again', () => {
  const state = after(started(), { type: 'loading', name: 'alerts' }, { type: 'load-failed', name: 'alerts', epoch: 0, problem: 'no room' });
  assert.deepEqual([state.channels.alerts.status, state.channels.alerts.problem], ['new', 'no room']);
});

test('a changed channel list keeps what is known and the active channel', () => {
  const state = after(started(), arrives(post(1)), { type: 'select', name: 'alerts' },
    { type: 'channels', list: [{ name: 'alerts', muted: false }, { name: 'new' }] });
  assert.deepEqual([state.active, state.order], ['alerts', ['alerts', 'new']]);
  assert.equal(state.channels.alerts.info.muted, false);
  assert.equal(after(state, { type: 'channels', list: [{ name: 'new' }] }).active, 'new');
});

test('a server that lost its store is followed from its own beginning', () => {
  const state = after(started(), arrives(post(7)), { type: 'reset' }, { type: 'start', newest: [{ name: 'general', seq: 1, post: true }], read: {} });
  assert.equal(state.seq, 1);
  assert.equal(state.channels.general.messages.length, 0);
  assert.equal(after(state, { type: 'page', name: 'general', epoch: 1, frames: [post(1)], edge: 'newest' }).channels.general.messages.length, 1);
});

test('a frame of a channel that is not listed only moves the seq', () => {
  assert.equal(after(started(), arrives(post(3, { channel: 'gone' }))).seq, 3);
});

test('listeners hear of changes only', () => {
  const store = createStore(started());
  let heard = 0;
  store.subscribe(() => { heard += 1; });
  store.dispatch(arrives(post(1)));
  store.dispatch(arrives(post(1)));
  assert.equal(heard, 1);
});

test('who answers has seen what was new', () => {
  const seen = after(started(), { type: 'visible', value: false }, arrives(post(1)), { type: 'visible', value: true });
  assert.equal(seen.channels.general.firstUnread, 1);
  assert.equal(after(seen, arrives(post(2, { author: 'you' }))).channels.general.firstUnread, 0);
});

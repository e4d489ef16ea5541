/**
 * Owns the place where a message is typed. A text leaves it when sent and comes back when the server did not take it;
 * sent again unchanged it has the same `client_id`, so that a lost answer never doubles a command.
 */

import { ApiError, newClientId } from './api.js';
import { addressed, commandOf } from './mention.js';
import { renderInline } from './render/text.js';
import { sentTexts } from './rows.js';

/**
 * @typedef {{channel: string, text: string, clientId: string}} Draft  text as it is sent
 * @typedef {{form: HTMLFormElement, text: HTMLTextAreaElement, chip: HTMLButtonElement, problem: HTMLElement}} Nodes
 * @typedef {{post: typeof import('./api.js').postMessage, store: ReturnType<typeof import('./store.js').createStore>,
 *   onExpired: () => void, onSent: () => void}} Ports
 */

/** @param {Nodes} nodes @param {Ports} ports */
export function createComposer({ form, text, chip, problem }, { post, store, onExpired, onSent }) {
  /** @type {Draft | null} what the server did not take */
  let refused = null;
  let recalled = -1;
  /** Posts leave one after the other, in the order they were typed. */
  let queue = Promise.resolve();

  function submit() {
    const channel = store.get().active;
    const typed = addressed(text.value, isAddressing());
    if (text.value.trim() === '' || channel === null) return;
    const isAgain = refused?.text === typed && refused.channel === channel;
    const draft = { channel, text: typed, clientId: isAgain && refused ? refused.clientId : newClientId() };
    setText('');
    showProblem('');
    onSent();
    queue = queue.then(() => send(draft));
  }

  /** @param {Draft} draft */
  async function send(draft) {
    try {
      await post(draft.channel, { user: store.get().user, text: draft.text, client_id: draft.clientId });
      refused = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) onExpired();
      takeBack(draft);
      showProblem(`Not sent: ${error.message}`);
    }
  }

  /** @param {Draft} draft */
  function takeBack(draft) {
    refused = draft;
    const typed = isAddressing() ? commandOf(draft.text) ?? draft.text : draft.text;
    setText([typed, text.value].filter(Boolean).join('\n')); // what was typed since is kept too
  }

  /** @param {string} value */
  function setText(value) {
    text.value = value;
    recalled = -1;
    fit();
  }

  function fit() {
    text.style.height = 'auto';
    text.style.height = `${text.scrollHeight}px`;
  }

  /** @param {string} message */
  function showProblem(message) {
    problem.replaceChildren(...renderInline(message));
    problem.hidden = message === '';
  }

  function isAddressing() {
    return chip.getAttribute('aria-pressed') === 'true';
  }

  /** Up goes back in time from an empty composer, Down forward again; any other key ends it. @param {KeyboardEvent} event */
  function recall(event) {
    const isRecalling = recalled >= 0;
    if (event.altKey || (!isRecalling && (event.key === 'ArrowDown' || text.value !== ''))) return;
    const { channels, active, user } = store.get();
    const sent = sentTexts(channels[active ?? ''], user);
    const index = Math.min(recalled + (event.key === 'ArrowUp' ? 1 : -1), sent.length - 1);
    event.preventDefault();
    setText(index < 0 ? '' : shown(sent[index]));
    recalled = index;
  }

  /** @param {string} sent */
  function shown(sent) {
    return isAddressing() ? commandOf(sent) ?? sent : sent;
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing) return;
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') recall(event);
    else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape') showProblem('');
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  text.addEventListener('keydown', onKey);
  text.addEventListener('input', () => {
    recalled = -1;
    fit();
  });
  chip.addEventListener('click', () => {
    chip.setAttribute('aria-pressed', String(!isAddressing()));
    text.focus();
  });

  return {
    /** @param {string} value */
    suggest(value) {
      setText(shown(value));
      text.focus();
    },
  };
}

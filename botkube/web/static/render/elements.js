/**
 * Renders buttons, selects, multi-selects and inputs. Each node that holds a value names its element in `data-pointer`;
 * what is sent is the pointer and the value, never a command.
 */

import { list } from '../pointers.js';
import { renderCode } from './code.js';
import { h } from './dom.js';
import { renderInline, renderLink, renderText } from './text.js';

/**
 * @typedef {{pointer: string, kind: 'button'|'select'|'multiselect'|'input', value?: string, values?: string[], text?: string}} Act
 * @typedef {(act: Act, source: HTMLElement) => void} Perform
 */

const BUTTON_STYLES = ['primary', 'danger'];
/** How a description is set; anything else is code. @type {Map<string, 'strong'|'em'|'span'>} */
const DESCRIPTION_TAGS = new Map([['bold', 'strong'], ['italic', 'em'], ['text', 'span']]);
/** A pause in typing after which an input that wants every character is sent. */
const TYPING_PAUSE_MS = 600;

/** @param {Record<string, any>} section @param {string} prefix @param {Perform} perform @returns {HTMLElement[]} */
export function renderButtons(section, prefix, perform) {
  const buttons = list(section.buttons).map((button, i) => ({ button, node: renderButton(button, `${prefix}/buttons/${i}`, perform) }));
  const described = buttons.filter(({ button }) => button.description)
    .map(({ button, node }) => h('div', { class: 'described' }, renderDescription(button), node));
  const plain = buttons.filter(({ button }) => !button.description).map(({ node }) => node);
  return [...described, ...(plain.length > 0 ? [h('div', { class: 'buttons' }, plain)] : [])];
}

/** @param {Record<string, any>|undefined} selects @param {string} prefix @param {Perform} perform @returns {HTMLElement | null} */
export function renderSelects(selects, prefix, perform) {
  const items = list(selects?.items).map((item, i) => renderSelect(item, `${prefix}/selects/items/${i}`, perform));
  return items.length > 0 ? h('div', { class: 'selects' }, items) : null;
}

/** @param {Record<string, any>|undefined} multi @param {string} prefix @param {Perform} perform @returns {HTMLElement | null} */
export function renderMultiSelect(multi, prefix, perform) {
  const options = list(multi?.options);
  if (!multi?.command && options.length === 0) return null;
  const chosen = new Set(list(multi?.initialOptions).map(({ value }) => value));
  const pointer = `${prefix}/multiSelect`;
  const boxes = options.map(({ name, value }) => h('label', { class: 'option' },
    h('input', { type: 'checkbox', value, checked: chosen.has(value) }), h('span', {}, name || value)));
  const field = h('fieldset', { class: 'multiselect', 'data-pointer': pointer, 'data-kind': 'multiselect' },
    h('legend', {}, multi?.name || 'Options'),
    renderText(multi?.description?.plaintext), multi?.description?.codeBlock && renderCode(multi.description.codeBlock),
    h('div', { class: 'options' }, boxes),
    h('button', { type: 'button', onclick: () => perform({ pointer, kind: 'multiselect', values: checkedIn(field) }, field) }, 'Apply'));
  return field;
}

/** @param {unknown} inputs @param {string} prefix @param {Perform} perform @returns {HTMLElement[]} */
export function renderInputs(inputs, prefix, perform) {
  return list(inputs).map((input, i) => renderInput(input, `${prefix}/plaintextInputs/${i}`, perform));
}

/** @param {HTMLElement} field @returns {string[]} */
export function checkedIn(field) {
  return Array.from(field.querySelectorAll('input:checked'), (box) => /** @type {HTMLInputElement} */ (box).value);
}

/** @param {Record<string, any>} button @param {string} pointer @param {Perform} perform @returns {HTMLElement} */
function renderButton({ name, url, command, style }, pointer, perform) {
  const className = ['button', ...BUTTON_STYLES.filter((known) => known === style)].join(' ');
  if (url) return renderLink(url, name || url, { class: `${className} link` });
  const node = h('button', { type: 'button', class: className, disabled: !command, onclick: () => perform({ pointer, kind: 'button' }, node) },
    renderInline(name || 'Run'));
  return node;
}

/** @param {Record<string, any>} button @returns {HTMLElement} */
function renderDescription({ description, descriptionStyle }) {
  const tag = DESCRIPTION_TAGS.get(descriptionStyle) ?? 'code';
  const shown = tag === 'code' ? description.replaceAll('{{BotName}}', '@Botkube') : renderInline(description);
  return h(tag, { class: 'description' }, shown);
}

/** @param {Record<string, any>} item @param {string} pointer @param {Perform} perform @returns {HTMLElement} */
function renderSelect({ name, optionGroups, initialOption, command }, pointer, perform) {
  const groups = list(optionGroups);
  const select = h('select', { 'data-pointer': pointer, 'data-kind': 'select', disabled: groups.length === 0 || !command },
    !initialOption && h('option', { value: '', selected: true, hidden: true }, groups.length > 0 ? 'Choose…' : 'No choice here'),
    groups.map((group) => renderGroup(group, initialOption?.value, groups.length > 1)));
  select.addEventListener('change', () => perform({ pointer, kind: 'select', value: select.value }, select));
  select.addEventListener('keydown', (event) => openInstead(event, select));
  return h('label', { class: 'select' }, h('span', { class: 'label' }, name || 'Select'), select);
}

/** An arrow key on a closed list would run the next command at once: open the list instead.
 * @param {KeyboardEvent} event @param {HTMLSelectElement} select */
function openInstead(event, select) {
  if (!['ArrowUp', 'ArrowDown'].includes(event.key) || event.altKey || !select.showPicker) return;
  event.preventDefault();
  select.showPicker();
}

/** @param {Record<string, any>} group @param {string|undefined} chosen @param {boolean} named @returns {HTMLElement | HTMLElement[]} */
function renderGroup({ name, options }, chosen, named) {
  const nodes = list(options).map((option) => (
    h('option', { value: option.value, selected: option.value === chosen }, option.name || option.value)));
  return named ? h('optgroup', { label: name || 'Other' }, nodes) : nodes;
}

/** @param {Record<string, any>} input @param {string} pointer @param {Perform} perform @returns {HTMLElement} */
function renderInput({ command, text, placeholder, dispatchedAction }, pointer, perform) {
  const field = h('input', { type: 'text', placeholder, 'data-pointer': pointer, 'data-kind': 'input', autocomplete: 'off' });
  const send = () => perform({ pointer, kind: 'input', text: field.value }, field);
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.isComposing && command) send();
  });
  if (dispatchedAction === 'on_character_entered') sendAfterPauses(field, send);
  const button = command && h('button', { type: 'button', onclick: send }, 'Send');
  return h('div', { class: 'input' }, h('label', {}, h('span', { class: 'label' }, renderInline(text || 'Input')), field), button);
}

/** @param {HTMLElement} field @param {() => void} send */
function sendAfterPauses(field, send) {
  let timer = 0;
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(send, TYPING_PAUSE_MS);
  });
}

/**
 * Owns the addresses of a message's interactive elements: JSON pointers into the stored body.
 * Pure. The command behind an element is never read here: the server takes it from its own copy.
 */

/**
 * @typedef {{name: string, value: string}} Option
 * @typedef {{pointer: string, block: string, action: string, initial: string | string[]}} Field
 *   an element that holds a value, with the block and action it is known by
 * @typedef {Record<string, Record<string, string | string[]>>} FormState
 */

/**
 * Every element of a body that holds a value, extra messages included.
 * @param {Record<string, any>} body
 * @returns {Field[]}
 */
export function fieldsOf(body) {
  return messagesOf(body).flatMap(({ message, prefix }) => [
    ...list(message.sections).flatMap((section, i) => sectionFields(section, `${prefix}/sections/${i}`)),
    ...inputFields(message.plaintextInputs, prefix),
  ]);
}

/**
 * The message itself and the extra ones it carries, each with the pointer to it.
 * @param {Record<string, any>} body
 * @returns {{message: Record<string, any>, prefix: string}[]}
 */
export function messagesOf(body) {
  const extra = list(body.messages).map((message, i) => ({ message, prefix: `/messages/${i}` }));
  return [{ message: body, prefix: '' }, ...extra];
}

/**
 * What the elements of a message say now, in the shape plugins read: block, action, value.
 * @param {Record<string, any>} body
 * @param {ReadonlyMap<string, string | string[]>} values by pointer; an element not in it has its initial value
 * @returns {FormState}
 */
export function collectState(body, values) {
  /** @type {FormState} */
  const state = {};
  for (const { pointer, block, action, initial } of fieldsOf(body)) {
    const value = values.get(pointer) ?? initial;
    if (value.length > 0) state[block] = { ...state[block], [action]: value };
  }
  return state;
}

/**
 * A list, whatever a lenient peer wrote where one belongs (Go writes nil slices as null).
 * @param {unknown} value
 * @returns {any[]}
 */
export function list(value) {
  return Array.isArray(value) ? value.filter((item) => item !== null && item !== undefined) : [];
}

/** @param {Record<string, any>} section @param {string} prefix @returns {Field[]} */
function sectionFields(section, prefix) {
  const block = section.selects?.id;
  const selects = list(section.selects?.items).map((item, i) => ({
    pointer: `${prefix}/selects/items/${i}`,
    block: block || item.command || '',
    action: item.command ?? '',
    initial: item.initialOption?.value ?? '',
  }));
  return [...selects, ...multiSelectField(section.multiSelect, prefix), ...inputFields(section.plaintextInputs, prefix)];
}

/** @param {Record<string, any>|undefined} multi @param {string} prefix @returns {Field[]} */
function multiSelectField(multi, prefix) {
  if (!multi?.command) return [];
  const initial = list(multi.initialOptions).map((option) => option.value);
  return [{ pointer: `${prefix}/multiSelect`, block: multi.command, action: multi.command, initial }];
}

/** @param {unknown} inputs @param {string} prefix @returns {Field[]} */
function inputFields(inputs, prefix) {
  return list(inputs).map(({ command = '' }, i) => ({
    pointer: `${prefix}/plaintextInputs/${i}`, block: command, action: command, initial: '',
  }));
}

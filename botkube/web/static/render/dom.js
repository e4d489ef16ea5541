/** Owns how DOM nodes are made. Data only ever becomes text or a checked attribute, never markup. */

/**
 * @typedef {Node | string | null | undefined | false} Leaf
 * @typedef {Leaf | (Leaf | Leaf[])[]} Child
 * @typedef {Record<string, unknown>} Attributes  `on…` functions become listeners; null, undefined and false are left out
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...flatten(children));
  return node;
}

/** @param {HTMLElement} node @param {string} name @param {unknown} value */
function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === 'function') node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  else node.setAttribute(name, value === true ? '' : String(value));
}

/** @param {Child[]} children @returns {(Node|string)[]} */
function flatten(children) {
  return /** @type {(Node|string)[]} */ (children.flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false && child !== ''));
}

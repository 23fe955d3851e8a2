// @ts-check
/** Elements described as plain objects, and a part of the page brought to agree with them in place. */

/**
 * @typedef {{tag: string, props: Record<string, any>, children: Child[]}} Description
 * @typedef {Description | string | null | false | undefined | Child[]} Child
 */

const SVG = "http://www.w3.org/2000/svg";

/** The description of each node: its place among its siblings, and its properties. */
const keys = new WeakMap();
const given = new WeakMap();

/**
 * Describes an element. Properties that begin with `on` are handlers, `key` tells siblings apart, all others are
 * attributes; an attribute that is null, false or undefined is left out.
 *
 * @param {string} tag
 * @param {Record<string, any> | null} [props]
 * @param {...Child} children
 * @returns {Description}
 */
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, children };
}

/** @param {string} id */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no element has the id ${id}`);
  return element;
}

/**
 * Makes the children of `parent` those described. Nodes that stay keep their focus, their scroll position and what was
 * typed into them.
 *
 * @param {Element} parent
 * @param {Child[]} children
 */
export function render(parent, children) {
  const wanted = [...keyed(children, "")];
  const wantedKeys = new Set(wanted.map(([key]) => key));
  const before = new Map();
  for (const node of [...parent.childNodes]) {
    const key = keys.get(node);
    if (wantedKeys.has(key)) before.set(key, node);
    else node.remove();
  }
  let next = parent.firstChild;
  for (const [key, child] of wanted) {
    const node = before.get(key) ?? create(parent, key, child);
    if (node === next) next = node.nextSibling;
    else parent.insertBefore(node, next);
    update(node, child);
  }
}

/**
 * @param {Child[]} children
 * @param {string} prefix
 * @returns {Generator<[string, Description | string]>}
 */
function* keyed(children, prefix) {
  for (const [index, child] of children.entries()) {
    if (Array.isArray(child)) yield* keyed(child, `${prefix}${index}.`);
    else if (typeof child === "string") yield [`${prefix}${index}`, child];
    else if (child) yield [`${prefix}${child.props.key ?? index} ${child.tag}`, child];
  }
}

/** @param {Element} parent @param {string} key @param {Description | string} child */
function create(parent, key, child) {
  const node = typeof child === "string" ? document.createTextNode(child) : createElement(parent, child.tag);
  keys.set(node, key);
  return node;
}

/** @param {Element} parent @param {string} tag */
function createElement(parent, tag) {
  const isSvg = tag === "svg" || parent.namespaceURI === SVG;
  return isSvg ? document.createElementNS(SVG, tag) : document.createElement(tag);
}

/** @param {any} node @param {Description | string} child */
function update(node, child) {
  if (typeof child === "string") {
    if (node.data !== child) node.data = child;
    return;
  }
  // A choice's value is one of its children's.
  render(node, child.children);
  const before = given.get(node) ?? {};
  for (const name of Object.keys({ ...before, ...child.props })) {
    const value = child.props[name];
    if (name !== "key" && value !== before[name]) set(node, name, value);
  }
  given.set(node, child.props);
}

/** @param {any} node @param {string} name @param {any} value */
function set(node, name, value) {
  if (name.startsWith("on")) node[name] = value ?? null;
  // The attribute `value` of a field is only its first value.
  else if (name === "value" && "value" in node) node.value = value;
  else if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : String(value));
}

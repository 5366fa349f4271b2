/** JSON for people: what fits into a line of `width` characters stands in one. */
export function readableJson(value: unknown, width = 120): string {
  return readable(value, width, '', 0);
}

/** `taken`: characters of the line that a field's name has taken. */
function readable(value: unknown, width: number, indent: string, taken: number): string {
  const line = lineOf(value);
  if (typeof value !== 'object' || value === null) return line;
  // One more for a comma.
  if (indent.length + taken + line.length + 1 <= width) return line;
  const inner = `${indent}  `;
  const list = Array.isArray(value);
  const items = list
    ? value.map(item => readable(item, width, inner, 0))
    : Object.entries(value).map(([key, item]) => {
        const name = `${JSON.stringify(key)}: `;
        return name + readable(item, width, inner, name.length);
      });
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  return `${open}\n${items.map(item => inner + item).join(',\n')}\n${indent}${close}`;
}

function lineOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(lineOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}: ${lineOf(item)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

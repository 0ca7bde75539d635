/**
 * Reads a name that starts at `at`; compression pointers are followed backwards only, so that no message can make a
 * loop. The text is in Route 53's form. Throws RangeError for what is not a name.
 */
export const readName = (message: Buffer, at: number): { readonly name: string; readonly end: number } => {
  const labels: string[] = [];
  let position = at;
  let lowest = at;
  let end: number | undefined;
  let length = 0;
  while (true) {
    const size = message.readUInt8(position);
    if (size === 0) break;
    if (size >= 0xc0) {
      end ??= position + 2;
      position = message.readUInt16BE(position) & 0x3fff;
      if (position >= lowest) throw new RangeError('compression pointer does not lead backwards');
      lowest = position;
      continue;
    }
    length += size + 1;
    if (size > 63 || length > 254) throw new RangeError('name is too long');
    if (position + 1 + size > message.length) throw new RangeError('name is cut off');
    labels.push(labelText(message.subarray(position + 1, position + 1 + size)));
    position += 1 + size;
  }
  return { name: `${labels.join('.')}.`, end: end ?? position + 1 };
};

/** Writes a name given in Route 53's form, uncompressed. Throws RangeError when it does not fit DNS. */
export const writeName = (name: string): Buffer => {
  const parts: Buffer[] = [];
  for (const label of name.split('.')) {
    if (label === '') continue;
    const bytes = labelBytes(label);
    if (bytes.length > 63) throw new RangeError(`label '${label}' is longer than 63 bytes`);
    parts.push(Buffer.from([bytes.length]), bytes);
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
};

const labelText = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte).toLowerCase();
    text += /[a-z0-9_-]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return text;
};

const labelBytes = (label: string): Buffer =>
  Buffer.from(
    label.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    'latin1',
  );

/** One value of a DER structure. */
export type DerValue = {
  readonly tag: number;
  /** What stands inside, without tag and length. */
  readonly content: Buffer;
  /** Tag and length included. */
  readonly whole: Buffer;
};

/** DER tags that certificates and revocation lists are made of. */
export const TAG = { integer: 0x02, sequence: 0x30, context0: 0xa0 } as const;

/** The values that stand one after another in some DER. Throws RangeError for what is cut off. */
export const derValues = (bytes: Buffer): readonly DerValue[] => {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes.readUInt8(at);
    const first = bytes.readUInt8(at + 1);
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
    const start = at + 2 + lengthBytes;
    if (start + length > bytes.length) throw new RangeError('DER value is cut off');
    values.push({
      tag,
      content: bytes.subarray(start, start + length),
      whole: bytes.subarray(at, start + length),
    });
    at = start + length;
  }
  return values;
};

/** What a program or library is made for, by its ELF header. */

/** `e_machine` of the processors that images are built for (System V ABI, ELF header). */
const MACHINES = { amd64: 62, arm64: 183 } as const;

const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
/** EI_CLASS and EI_DATA: 64 bits, little-endian. */
const CLASS_AND_DATA = Buffer.from([2, 1]);

/** Returns the content; throws when it is no ELF file for the processor, naming the path. */
export const madeFor = (architecture: keyof typeof MACHINES, path: string, content: Buffer): Buffer => {
  const isElf =
    content.length > 20 &&
    content.subarray(0, 4).equals(MAGIC) &&
    content.subarray(4, 6).equals(CLASS_AND_DATA);
  if (!isElf) throw new Error(`${path} is no 64-bit ELF file; expected one for ${architecture}`);
  const machine = content.readUInt16LE(18);
  if (machine === MACHINES[architecture]) return content;
  const found =
    Object.entries(MACHINES).find(([, number]) => number === machine)?.[0] ?? `machine ${machine}`;
  throw new Error(`${path} is made for ${found}; expected ${architecture}`);
};

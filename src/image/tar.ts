/** Tar archives that depend on nothing but what is in them: sorted, without times, owners or names of this machine. */

export type Entry =
  | { readonly type: 'directory'; readonly path: string; readonly mode: number }
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly content: Buffer }
  | { readonly type: 'link'; readonly path: string; readonly to: string };

const BLOCK = 512;

/** A ustar archive. Parent folders must be among the entries. Throws for a path longer than 100 characters. */
export const tar = (entries: readonly Entry[]): Buffer => {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const parts = sorted.flatMap((entry) => {
    const content = entry.type === 'file' ? entry.content : Buffer.alloc(0);
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [header(entry, content.length), content, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
};

const FLAGS = { file: '0', link: '2', directory: '5' } as const;

const header = (entry: Entry, size: number): Buffer => {
  const name = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  if (name.length > 100) throw new Error(`${name}: longer than 100 characters`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number): void =>
    void block.write(value.toString(8).padStart(width - 1, '0'), at);
  block.write(name, 0);
  octal(entry.type === 'link' ? 0o777 : entry.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write('        ', 148);
  block.write(FLAGS[entry.type], 156);
  if (entry.type === 'link') block.write(entry.to, 157);
  block.write('ustar\0', 257);
  block.write('00', 263);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
};

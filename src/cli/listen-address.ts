import { UsageError } from './options.ts';

/** Where a server listens; `host` undefined means every address of the machine. */
export type ListenAddress = { readonly host: string | undefined; readonly port: number };

/** `host:port` as Go programs write it: `:8080`, `0.0.0.0:8080`, `[::1]:8080`; `0` is undefined, no server. */
export const readListenAddress = (flag: string, text: string): ListenAddress | undefined => {
  if (text === '0') return undefined;
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535)
    throw new UsageError(`--${flag}: expected HOST:PORT, :PORT, or 0 for none, got ${JSON.stringify(text)}`);
  return { host: match[1] ?? (match[2] || undefined), port };
};

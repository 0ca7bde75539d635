import type { Level, Log } from '../core/ports.ts';

const ORDER: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** One JSON object a line on standard error, from the given level on. */
export const jsonLog =
  (least: string): Log =>
  (level, message, fields) => {
    if (ORDER.indexOf(level) < ORDER.findIndex((it) => it === least.toLowerCase())) return;
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  };

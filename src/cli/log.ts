import type { Level, Log } from '../core/ports.ts';

const ORDER: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** One JSON object a line on standard error, from the given level on. */
export const jsonLog =
  (least: Level): Log =>
  (level, message, fields) => {
    if (ORDER.indexOf(level) < ORDER.indexOf(least)) return;
    process.stderr.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`,
    );
  };

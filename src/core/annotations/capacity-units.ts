import { accept, type Parser, refuse } from './parser.ts';
import { wholeNumber } from './scalar-parsers.ts';

/** `CapacityUnits=N`. How many a load balancer may have depends on account and Region; AWS says so. */
export const capacityUnits: Parser<number> = {
  type: '`CapacityUnits=` and a whole number',
  schema: { pattern: '^\\s*CapacityUnits\\s*=\\s*[0-9]+\\s*$' },
  parse: (raw) => {
    const [key = '', number = ''] = raw.split('=');
    const units = wholeNumber(number);
    const fits = key.trim() === 'CapacityUnits' && units !== undefined && units >= 0;
    return fits && raw.split('=').length === 2
      ? accept(units)
      : refuse('CapacityUnits=N with a whole number N');
  },
};

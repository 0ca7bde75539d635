/** The error ELBv2 gives for values it cannot take; AWS does not model it. */
import { refuse } from '../wire/refusal.ts';

export const invalid = (message: string) => refuse('ValidationError', message);

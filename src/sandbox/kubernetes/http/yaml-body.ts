import { parse } from 'yaml';

/** The data of a YAML text. In a module of its own, so that the parser is loaded with the first body that needs it. */
export const yamlData = (text: string): unknown => parse(text, { logLevel: 'error' });

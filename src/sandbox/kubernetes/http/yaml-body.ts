import { parse, stringify } from 'yaml';

// In a module of its own, so that the library is loaded with the first body that needs it.

/** The data of a YAML text. */
export const yamlData = (text: string): unknown => parse(text, { logLevel: 'error' });

/** Data as YAML, keys in order, with quotes where a reader of YAML 1.1 would take a text for something else. */
export const yamlText = (data: unknown): string =>
  stringify(data, {
    version: '1.1',
    sortMapEntries: true,
    indentSeq: false,
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });

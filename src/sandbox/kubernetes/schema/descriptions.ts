import { readFileSync } from 'node:fs';
import { builtInType } from './built-in-types.ts';
import type { Descriptions } from './openapi.ts';
import { TYPES } from './types.generated.ts';

/**
 * The texts of `kubectl explain`, read on first use from the comments of the installed @kubernetes/client-node.
 * Where that package is not beside the program, explain shows fields without texts.
 */
export const createDescriptions = (): Descriptions => {
  const modelOf = new Map<string, string>();
  for (const line of TYPES.trim().split('\n')) {
    const model = line.slice(0, line.indexOf(' '));
    modelOf.set(builtInType(model).name, model);
  }
  const read = new Map<string, ReadonlyMap<string, string>>();
  return (type, field = '') => {
    const model = modelOf.get(type);
    if (model === undefined) return undefined;
    const texts = read.get(model) ?? readTexts(model);
    read.set(model, texts);
    return texts.get(field);
  };
};

const readTexts = (model: string): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>();
  try {
    const source = readFileSync(
      new URL(`./gen/models/${model}.d.ts`, import.meta.resolve('@kubernetes/client-node')),
      'utf8',
    );
    for (const [, comment = '', field] of source.matchAll(
      /\/\*\*\n((?:\s*\*(?!\/).*\n)+)\s*\*\/\s*(?:'([^']+)'|export declare class)/g,
    )) {
      texts.set(field ?? '', comment.replace(/^\s*\* ?/gm, '').trim());
    }
  } catch {
    // The package is not installed beside the program: no texts.
  }
  return texts;
};

import { badRequest } from './errors.ts';
import { labelKeyProblem, labelValueProblem } from './metadata.ts';
import { type Matches, meets, type Requirement } from './selectors.ts';

/**
 * A label selector as in `?labelSelector=`: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>3`. What is wrong with one is said
 * as an API server says it.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export const parseLabelSelector = (text: string | undefined): Matches => {
  if (text === undefined || text.trim() === '') return () => true;
  const requirements = parseAll(tokensOf(text));
  return (object) => requirements.every((requirement) => meets(object.metadata.labels ?? {}, requirement));
};

/** What is not read yet, the next token first. The end of the text is an empty token. */
type Rest = string[];

const tokensOf = (text: string): Rest => text.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? [];

const isWord = (token: string): boolean => token !== '' && !/^[=!(),<>]/.test(token);
const ends = (rest: Rest): boolean => rest.length === 0 || rest[0] === ',';
const next = (rest: Rest): string => rest.shift() ?? '';
const found = (token: string, expected: string): Error =>
  badRequest(`found '${token}', expected: ${expected}`);
const unable = (why: string): Error => badRequest(`unable to parse requirement: ${why}`);
const unableAt = (token: string, expected: string): Error =>
  unable(`found '${token}', expected: ${expected}`);

const parseAll = (rest: Rest): readonly Requirement[] => {
  const all: Requirement[] = [];
  for (;;) {
    const first = rest[0] ?? '';
    if (first !== '!' && !isWord(first)) throw found(first, "!, identifier, or 'end of string'");
    all.push(parseOne(rest));
    const after = next(rest);
    if (after === '') return all;
    if (after !== ',') throw found(after, "',' or 'end of string'");
    const following = rest[0] ?? '';
    if (following !== '!' && !isWord(following)) throw found(following, "identifier after ','");
  }
};

const parseOne = (rest: Rest): Requirement => {
  const absent = rest[0] === '!';
  if (absent) next(rest);
  const key = next(rest);
  if (!isWord(key)) throw unableAt(key, 'identifier');
  const problem = labelKeyProblem(key);
  if (problem !== undefined) throw unable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problem}`);
  if (absent) return { key, operator: '!', values: [] };
  if (ends(rest)) return { key, operator: 'exists', values: [] };
  const sign = next(rest);
  const operator = Object.hasOwn(OPERATORS, sign) ? OPERATORS[sign] : undefined;
  if (operator === undefined) throw unableAt(sign, 'in, notin, =, ==, !=, gt, lt');
  const values = sign === 'in' || sign === 'notin' ? listOf(rest) : [exactly(rest)];
  checkValues(key, operator, values);
  return { key, operator, values };
};

const OPERATORS: Readonly<Record<string, string>> = {
  in: 'in',
  notin: 'notin',
  '=': 'in',
  '==': 'in',
  '!=': 'notin',
  '>': '>',
  '<': '<',
};

const exactly = (rest: Rest): string => {
  if (ends(rest)) return '';
  const value = next(rest);
  if (!isWord(value)) throw unableAt(value, 'identifier');
  return value;
};

/** `(a,b)`; an empty place is an empty value. */
const listOf = (rest: Rest): readonly string[] => {
  const opening = next(rest);
  if (opening !== '(') throw unable(`found '${opening}' expected: '('`);
  if (rest[0] === ')') {
    next(rest);
    return [];
  }
  const values: string[] = [];
  for (;;) {
    values.push(isWord(rest[0] ?? '') ? next(rest) : '');
    const after = next(rest);
    if (after === ')') return values;
    if (after !== ',') throw unableAt(after, "',' or ')'");
  }
};

const checkValues = (key: string, operator: string, values: readonly string[]): void => {
  if (values.length === 0)
    throw unable(`values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`);
  values.forEach((value, at) => {
    const number = operator === '>' || operator === '<';
    const problem =
      number && !/^-?\d+$/.test(value)
        ? "for 'Gt', 'Lt' operators, the value must be an integer"
        : labelValueProblem(value);
    if (problem !== undefined)
      throw unable(`values[${at}][${key}]: Invalid value: ${JSON.stringify(value)}: ${problem}`);
  });
};

/** Regular expressions of conditions and transforms: the RE2 family, without Unicode classes. */

import { RE2JS } from 're2js';
import { textOf } from '../../text-of.ts';
import { invalid } from './invalid.ts';

/** Throws unless an Application Load Balancer takes the expression. */
export const checkRegex = (regex: string, longest: number): void => {
  if (regex.length < 1 || regex.length > longest) {
    throw invalid(
      `The regular expression '${regex.slice(0, 60)}' must have between 1 and ${longest} characters`,
    );
  }
  if (/\\[pP]\{?/.test(regex))
    throw invalid(`The regular expression '${regex}' uses \\p, which is not supported`);
  try {
    RE2JS.compile(regex);
  } catch (error) {
    throw invalid(`The regular expression '${regex}' is not valid: ${textOf(error)}`);
  }
};

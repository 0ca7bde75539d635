/** Names of load balancers and target groups. */
import { invalid } from './invalid.ts';

/** Throws unless AWS takes the name. That target groups may not contain `--` is undocumented but enforced by AWS. */
export const checkName = (kind: 'load balancer' | 'target group', name: string): void => {
  const The = `The ${kind} name '${name}'`;
  if (name === '') throw invalid(`The ${kind} name cannot be empty`);
  if (name.length > 32) throw invalid(`${The} cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw invalid(`${The} can only contain characters that are alphanumeric characters and hyphens(-)`);
  }
  if (name.startsWith('-') || name.endsWith('-'))
    throw invalid(`${The} cannot begin or end with a hyphen(-)`);
  if (kind === 'load balancer' && name.startsWith('internal-'))
    throw invalid(`${The} cannot begin with 'internal-'`);
  if (kind === 'target group' && name.includes('--'))
    throw invalid(`${The} cannot contain two hyphens in a row`);
};

/** Trust policies: the part of IAM's policy language that says who may assume a role. */
import { notServed } from '../wire/refusal.ts';

type Statement = {
  readonly allows: boolean;
  readonly principals: readonly string[];
  /** Absent: no external id is asked for. */
  readonly externalIds?: readonly string[];
};

export type Trust = readonly Statement[];

/** Reads a document; conditions other than an exact `sts:ExternalId` are not served, and say so. */
export const readTrust = (document: string): { readonly trust: Trust } | { readonly wrong: string } => {
  const read = parse(document);
  if (!isObject(read)) return { wrong: 'This policy contains invalid Json' };
  const statements = listOf(read.Statement);
  if (statements.length === 0) return { wrong: 'Syntax errors in policy: it has no Statement' };
  const trust: Statement[] = [];
  for (const statement of statements) {
    if (!isObject(statement) || (statement.Effect !== 'Allow' && statement.Effect !== 'Deny'))
      return { wrong: 'Syntax errors in policy: Effect must be Allow or Deny' };
    if (statement.Resource !== undefined) return { wrong: 'Has prohibited field Resource' };
    if (statement.Principal === undefined) return { wrong: 'Missing required field Principal' };
    const actions = listOf(statement.Action).map(String);
    if (actions.length === 0) return { wrong: 'Missing required field Action' };
    if (!actions.some((it) => ['sts:AssumeRole', 'sts:*', '*'].includes(it))) continue;
    trust.push({
      allows: statement.Effect === 'Allow',
      principals: principalsOf(statement.Principal),
      ...conditionOf(statement.Condition),
    });
  }
  return { trust };
};

export type Asker = { readonly account: string; readonly arn: string; readonly externalId?: string };

/** A denial counts before everything; without a permission nothing is allowed (IAM documentation). */
export const trusts = (trust: Trust, { account, arn, externalId }: Asker): boolean => {
  const names = ['*', account, `arn:aws:iam::${account}:root`, arn];
  const meant = trust.filter(
    ({ principals, externalIds }) =>
      principals.some((it) => names.includes(it)) &&
      (externalIds === undefined || (externalId !== undefined && externalIds.includes(externalId))),
  );
  return meant.some(({ allows }) => allows) && meant.every(({ allows }) => allows);
};

const principalsOf = (principal: unknown): readonly string[] =>
  isObject(principal) ? listOf(principal.AWS).map(String) : listOf(principal).map(String);

const conditionOf = (condition: unknown): Pick<Statement, 'externalIds'> => {
  if (condition === undefined) return {};
  const keys = isObject(condition) ? Object.entries(condition) : [];
  const [[operator, tests] = ['', undefined], ...others] = keys;
  const [[key, values] = ['', undefined], ...more] = isObject(tests) ? Object.entries(tests) : [];
  if (operator !== 'StringEquals' || key !== 'sts:ExternalId' || others.length > 0 || more.length > 0)
    throw notServed('conditions of trust policies other than StringEquals of sts:ExternalId');
  return { externalIds: listOf(values).map(String) };
};

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (document: string): unknown => {
  try {
    return JSON.parse(document);
  } catch {
    return undefined;
  }
};

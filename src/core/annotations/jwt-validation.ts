import type { Claim, Guard } from '../model/guard.ts';
import { httpsUrl } from './login.ts';
import { acceptUnless, type Parser, refuse } from './parser.ts';
import { type Findings, fault, join, listOf, parseJson, record, type Shape, string, word } from './shape.ts';

/** JSON in the shape that LBC documents. */
export const jwtValidation: Parser<Extract<Guard, { type: 'jwt-validation' }>> = {
  type: 'JSON object',
  schema: { pattern: '^\\s*\\{' },
  details: [
    '`jwksEndpoint`: URL of the key set, with https://, at most 256 characters',
    '`issuer`: what the claim `iss` must say, at most 256 characters',
    '`additionalClaims` (optional): up to ten of `{"format":"single-string","name":"…","values":["…"]}`; formats are `single-string`, `string-array`, `space-separated-values`',
  ],
  parse: (raw) => {
    const json = parseJson(raw);
    if (json === undefined) return refuse('JSON like {"jwksEndpoint":"https://…","issuer":"https://…"}');
    const findings: Findings = { faults: [], remarks: [] };
    const { jwksEndpoint = '', issuer = '', additionalClaims = [] } = JWT(json, '', findings) ?? {};
    if (findings.faults.length === 0)
      for (const [name, value] of Object.entries({ jwksEndpoint, issuer }))
        if (value === '') fault(findings, name, 'a value, which is missing');
    return acceptUnless(
      findings.faults,
      () => ({ type: 'jwt-validation', jwksEndpoint, issuer, claims: additionalClaims }),
      findings.remarks,
    );
  },
};

/** ELBv2 API: the claims that are validated anyway cannot be stated. */
const ALWAYS = ['exp', 'iss', 'nbf', 'iat'];

const CLAIM_FIELDS = record({
  format: word('single-string', 'string-array', 'space-separated-values'),
  name: string(
    `the name of a claim other than ${ALWAYS.join(', ')}, which are always validated`,
    (value) => value.length > 0 && value.length <= 256 && !ALWAYS.includes(value),
  ),
  values: listOf(
    string('a text of 1 to 256 characters', (value) => value.length > 0 && value.length <= 256),
    1,
    10,
  ),
});

const CLAIM: Shape<Claim> = (value, at, findings) => {
  const read = CLAIM_FIELDS(value, at, findings);
  if (!read) return undefined;
  const { format, name, values } = read;
  if (format === undefined) return fault(findings, join(at, 'format'), 'a value, which is missing');
  if (name === undefined) return fault(findings, join(at, 'name'), 'a value, which is missing');
  if (values === undefined) return fault(findings, join(at, 'values'), 'a value, which is missing');
  if (format === 'space-separated-values' && values.some((one) => /\s/.test(one)))
    return fault(
      findings,
      join(at, 'values'),
      'values without spaces, because format is space-separated-values',
    );
  return { format, name, values };
};

const JWT = record({
  jwksEndpoint: httpsUrl(256),
  issuer: string('a text of 1 to 256 characters', (value) => value.length > 0 && value.length <= 256),
  additionalClaims: listOf(CLAIM, 0, 10),
});

/** Parsers of the annotations about logging in: who the identity provider is, and how it is asked. */
import { acceptUnless, type Parser, refuse } from './parser.ts';
import { type Findings, fault, join, parseJson, record, type Shape, string } from './shape.ts';

/** An OpenID Connect provider; the client's credentials stand in a Secret beside the object that names it. */
export type OidcProvider = {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userInfoEndpoint: string;
  readonly secretName: string;
  readonly extraParams: Readonly<Record<string, string>>;
};

export type CognitoProvider = {
  readonly userPool: string;
  readonly clientId: string;
  readonly domain: string;
  readonly extraParams: Readonly<Record<string, string>>;
};

/** ELBv2 API: full URLs with HTTPS. */
export const httpsUrl = (most = 2048): Shape<string> =>
  string(
    `a URL that begins with https://, at most ${most} characters`,
    (value) => value.length <= most && /^https:\/\/[A-Za-z0-9.:[\]-]+([/?#]\S*)?$/.test(value),
  );

/** ELBv2 API: at most ten query parameters. */
const PARAMS: Shape<Readonly<Record<string, string>>> = (value, at, findings) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fault(findings, at, 'a JSON object of query parameters, as texts', value);
  const entries = Object.entries(value);
  if (entries.length > 10) return fault(findings, at, `at most 10 query parameters, got ${entries.length}`);
  const odd = entries.find(([name, one]) => name === '' || typeof one !== 'string');
  if (odd) return fault(findings, join(at, odd[0]), 'a text', odd[1]);
  return Object.fromEntries(entries.map(([name, one]) => [name, String(one)]));
};

const OIDC = record({
  issuer: httpsUrl(),
  authorizationEndpoint: httpsUrl(),
  tokenEndpoint: httpsUrl(),
  userInfoEndpoint: httpsUrl(),
  secretName: string(
    'the name of a Secret in the same namespace',
    (value) =>
      value.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value),
  ),
  authenticationRequestExtraParams: PARAMS,
});

const COGNITO = record({
  userPoolARN: string('the ARN of a user pool, arn:aws:cognito-idp:REGION:ACCOUNT:userpool/ID', (value) =>
    /^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[^:\s]+:userpool\/[\w-]+$/.test(value),
  ),
  userPoolClientID: string('the id of a client of the user pool', (value) => /^[\w+-]{1,128}$/.test(value)),
  userPoolDomain: string('a domain prefix of the user pool, or a whole domain name', (value) =>
    /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(value),
  ),
  authenticationRequestExtraParams: PARAMS,
});

/** Reads JSON in a shape, asks for the fields that must be there, and makes a value of it. */
const jsonOf =
  <R extends object, T>(
    shape: Shape<R>,
    needed: readonly (keyof R & string)[],
    example: string,
    make: (read: Required<R>) => T,
  ): Parser<T>['parse'] =>
  (raw) => {
    const json = parseJson(raw);
    if (json === undefined) return refuse(`JSON like ${example}`);
    const findings: Findings = { faults: [], remarks: [] };
    const read = shape(json, '', findings);
    for (const name of needed)
      if (read && read[name] === undefined) fault(findings, name, 'a value, which is missing');
    // What is needed is there, or there is a fault and the value is not made.
    return acceptUnless(findings.faults, () => make(read as Required<R>), findings.remarks);
  };

export const oidcProvider: Parser<OidcProvider> = {
  type: 'JSON object',
  schema: { pattern: '^\\s*\\{' },
  details: [
    '`issuer`, `authorizationEndpoint`, `tokenEndpoint`, `userInfoEndpoint`: URLs with https://',
    '`secretName`: Secret in the same namespace with the keys `clientID` and `clientSecret`',
    '`authenticationRequestExtraParams` (optional): up to ten query parameters',
  ],
  parse: jsonOf(
    OIDC,
    ['issuer', 'authorizationEndpoint', 'tokenEndpoint', 'userInfoEndpoint', 'secretName'],
    '{"issuer":"https://…","authorizationEndpoint":"https://…","tokenEndpoint":"https://…","userInfoEndpoint":"https://…","secretName":"…"}',
    ({ authenticationRequestExtraParams: extraParams = {}, ...provider }) => ({ ...provider, extraParams }),
  ),
};

export const cognitoProvider: Parser<CognitoProvider> = {
  type: 'JSON object',
  schema: { pattern: '^\\s*\\{' },
  details: [
    '`userPoolARN`, `userPoolClientID`, `userPoolDomain`: the pool, its client (which must have a secret), its domain',
    '`authenticationRequestExtraParams` (optional): up to ten query parameters',
  ],
  parse: jsonOf(
    COGNITO,
    ['userPoolARN', 'userPoolClientID', 'userPoolDomain'],
    '{"userPoolARN":"arn:…","userPoolClientID":"…","userPoolDomain":"…"}',
    ({ userPoolARN, userPoolClientID, userPoolDomain, authenticationRequestExtraParams = {} }) => ({
      userPool: userPoolARN,
      clientId: userPoolClientID,
      domain: userPoolDomain,
      extraParams: authenticationRequestExtraParams,
    }),
  ),
};

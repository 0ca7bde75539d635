/** The credentials of an OpenID Connect client, as they stand in a Secret. */
import { decodeText } from './base64.ts';
import type { Secret } from './objects.ts';

/** The keys LBC documents; `clientId` is its older spelling. */
const ID_KEYS = ['clientID', 'clientId'] as const;

/** Either both values, or what is wrong with the Secret. White space and control characters at an end are nobody's. */
export const clientIn = ({
  data = {},
}: Secret): { readonly id: string; readonly secret: string } | { readonly wrong: string } => {
  const idKey = ID_KEYS.find((key) => data[key] !== undefined);
  if (idKey === undefined) return { wrong: 'has no key clientID' };
  if (data.clientSecret === undefined) return { wrong: 'has no key clientSecret' };
  const id = textOf(data[idKey] ?? '');
  const secret = textOf(data.clientSecret);
  if (id === undefined || id === '') return { wrong: `has no text under the key ${idKey}` };
  if (secret === undefined || secret === '') return { wrong: 'has no text under the key clientSecret' };
  return { id, secret };
};

const textOf = (value: string): string | undefined => decodeText(value)?.replace(/[\s\p{Cc}]+$/u, '');

/** The values of resource records, as far as Route 53 checks them. */
import { isIPv4, isIPv6 } from 'node:net';

type Problem = string | undefined;

const fatal = (code: string, text: string, value: string): string =>
  `FATAL problem: ${code} (${text}) encountered with '${value}'`;

const domain = (value: string): Problem => {
  if (value === '') return fatal('DomainNameEmpty', 'Domain name is empty', value);
  const labels = value.replace(/\.$/, '').split('.');
  if (labels.includes('')) return fatal('DomainLabelEmpty', 'Domain label is empty', value);
  const long = labels.find((label) => label.length > 63);
  if (long !== undefined) return fatal('DomainLabelTooLong', 'Domain label is too long', long);
  return /\s/.test(value)
    ? fatal('UnexpectedTrailingCharacters', 'Domain name has characters after its end', value)
    : undefined;
};

const QUOTED = /^(\s*"(?:[^"\\]|\\.)*"\s*)+$/s;

const characterStrings = (value: string): Problem => {
  if (!QUOTED.test(value))
    return `InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '${value}'`;
  const strings = [...value.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, text = '']) =>
    text.replace(/\\(\d{3}|.)/gs, '*'),
  );
  return strings.some((text) => text.length > 255)
    ? `CharacterStringTooLong (Value is too long) encountered with '${value}'`
    : undefined;
};

const number = (text: string | undefined, most: number): boolean =>
  /^\d{1,5}$/.test(text ?? '') && Number(text) <= most;

/** A value of numbers and then a domain name, such as MX and SRV have. */
const numbersThenDomain =
  (type: string, numbers: number) =>
  (value: string): Problem => {
    const parts = value.trim().split(/\s+/);
    if (parts.length !== numbers + 1 || !parts.slice(0, numbers).every((part) => number(part, 65535))) {
      return fatal(
        `${type}RRDATAIllegal`,
        `Value must be ${numbers} number${numbers > 1 ? 's' : ''} up to 65535 and a domain name`,
        value,
      );
    }
    return domain(parts.at(-1) ?? '');
  };

const CHECKS: Readonly<Record<string, (value: string) => Problem>> = {
  A: (value) =>
    isIPv4(value)
      ? undefined
      : fatal('ARRDATAIllegalIPv4Address', 'Value is not a valid IPv4 address', value),
  AAAA: (value) =>
    isIPv6(value)
      ? undefined
      : fatal('AAAARRDATAIllegalIPv6Address', 'Value is not a valid IPv6 address', value),
  CNAME: domain,
  NS: domain,
  PTR: domain,
  TXT: characterStrings,
  SPF: characterStrings,
  MX: numbersThenDomain('MX', 1),
  SRV: numbersThenDomain('SRV', 3),
  CAA: (value) =>
    /^\d{1,3}\s+[a-zA-Z0-9]+\s+"[^"]*"$/.test(value.trim())
      ? undefined
      : fatal('CAARRDATAIllegal', 'Value must be flags, a tag and a quoted value', value),
};

/**
 * What is wrong with a value; undefined when nothing is.
 * Types without an entry (DS, HTTPS, NAPTR, SSHFP, SVCB, TLSA, SOA) only have to have a value.
 */
export const valueProblem = (type: string, value: string): Problem => {
  const problem =
    value === '' && type !== 'CNAME' ? fatal('ValueEmpty', 'Value is empty', value) : CHECKS[type]?.(value);
  return problem === undefined ? undefined : `Invalid Resource Record: ${problem}`;
};

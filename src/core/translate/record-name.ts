/** What Route 53 takes as the name of a record, checked before anything is sent: one bad name fails a whole batch. */
import { ownerRecordName } from '../adopt/record-owner.ts';

/** Longest name in DNS, without the dot at its end. */
const LONGEST = 253;

/** Longest host in the condition of a rule (AWS documentation). */
export const LONGEST_HOST = 128;

/** Why no record can have this name (ASCII, lower case); undefined when it can. */
export const hostFault = (host: string): string | undefined => {
  const labels = host.replace(/^\*\./, '').split('.');
  const bad = labels.find((label) => !/^[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?$/.test(label));
  if (bad !== undefined)
    return `${host} is no DNS name: ${bad === '' ? 'a label is empty' : `"${bad}" must be letters, digits, hyphens within it; a * only as the whole first label`}`;
  const long = labels.find((label) => label.length > 63);
  if (long !== undefined) return `${host} is no DNS name: "${long}" is longer than 63 characters`;
  const owner = ownerRecordName(host);
  return owner.length > LONGEST
    ? `${host} is too long: its ownership record ${owner} would have ${owner.length} characters, and DNS takes ${LONGEST}`
    : undefined;
};

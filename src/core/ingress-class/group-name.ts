/** Why a text is no name of a group, in words that complete a message; undefined when it is one. */
export const whatIsWrongWithGroup = (name: string): string | undefined => {
  if (name.length > 63) return `${name.length} characters; expected at most 63`;
  return /^([a-z0-9][-a-z0-9.]*)?[a-z0-9]$/.test(name)
    ? undefined
    : "expected lower case letters, digits, '-' and '.', with a letter or digit at both ends";
};

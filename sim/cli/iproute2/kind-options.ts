import { formatIP, formatMac } from '../../base/address.ts';
import type { LinkAttribute } from '../../host/netlink/messages.ts';
import type { Tool } from './tool.ts';
import { address, macAddress, onOff, parseUnsigned } from './values.ts';
import { abbreviates, invalid, type Words } from './words.ts';

/** The attributes that a kind's options set, under the names of `ip -d -j link`. */
export type KindData = Record<string, LinkAttribute>;

/** One option of a link's kind: how it is written, and what it sets. */
export interface KindOption {
  name: string;
  /** It may not be abbreviated. */
  exact?: boolean;
  parse: (tool: Tool, words: Words, data: KindData) => void;
}

/** An option with a number up to `max`; the message is what `invarg` says about a bad one. */
export function number(name: string, options: { key?: string; max?: number; message?: string; exact?: boolean } = {}): KindOption {
  return {
    name,
    exact: options.exact ?? false,
    parse: (_tool, words, data) => {
      const text = words.value();
      const value = parseUnsigned(text, options.max);
      if (value === undefined) throw invalid(options.message ?? `invalid ${name}`, text);
      data[options.key ?? name] = value;
    },
  };
}

/** An option with `on` or `off`. */
export function toggle(name: string, options: { key?: string; exact?: boolean } = {}): KindOption {
  return {
    name,
    exact: options.exact ?? false,
    parse: (_tool, words, data) => {
      data[options.key ?? name] = onOff(name, words.value());
    },
  };
}

/** A word that sets an attribute by itself. */
export function word(name: string, key: string, value: LinkAttribute, exact = false): KindOption {
  return {
    name,
    exact,
    parse: (_tool, _words, data) => {
      data[key] = value;
    },
  };
}

/** An option with an IP address; it travels as text. */
export function ipAddress(name: string, key = name): KindOption {
  return {
    name,
    parse: (tool, words, data) => {
      data[key] = formatIP(address(words.value(), tool.family));
    },
  };
}

/** An option with one of several words. */
export function choice(name: string, choices: readonly string[], message: string, key = name): KindOption {
  return {
    name,
    parse: (_tool, words, data) => {
      const text = words.value();
      if (!choices.includes(text)) throw invalid(message, text);
      data[key] = text;
    },
  };
}

/** An option with a device, which must exist; it travels by name. */
export function device(name: string, key = name): KindOption {
  return {
    name,
    parse: (tool, words, data) => {
      data[key] = tool.device(words.value()).name;
    },
  };
}

/** An option with a link-layer address; it travels as text. */
export function linkAddress(name: string, key = name): KindOption {
  return {
    name,
    parse: (_tool, words, data) => {
      data[key] = formatMac(macAddress(words.value()));
    },
  };
}

/** The real `ip` has this option, ours does not. */
export function missing(name: string): KindOption {
  return {
    name,
    exact: true,
    parse: (tool) => tool.refuse(tool.unmodelled(`the link option ${name}`)),
  };
}

/** The option that a word stands for: the first, in the table's order, whose name it abbreviates. */
export function findOption(options: readonly KindOption[], given: string): KindOption | undefined {
  return options.find((option) => (option.exact ? option.name === given : abbreviates(given, option.name)));
}

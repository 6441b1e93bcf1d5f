import { functionKey } from './environment.ts';
import { parseDefinitions } from './parse.ts';
import type { Definition } from './syntax.ts';

/** The functions that are best said in the language itself. */
const SOURCE = `
def not: if . then false else true end;
def select(f): if f then . else empty end;
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def values: select(. != null);
def nulls: select(type == "null");
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def finites: select(type == "number" and (isinfinite | not) and (isnan | not));
def normals: select(type == "number" and isnormal);
def recurse: recurse(.[]?);
def recurse(f; cond): recurse(f | select(cond));
def while(cond; update): def step: if cond then ., (update | step) else empty end; step;
def in(xs): . as $key | xs | has($key);
def inside(xs): . as $part | xs | contains($part);
def combinations: if length == 0 then [] else .[0][] as $head | (.[1:] | combinations) as $rest | [$head] + $rest end;
def combinations(n): . as $choices | [range(n)] | map($choices) | combinations;
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def nth($n; f): if $n < 0 then error("nth doesn't support negative indices") else first(skip($n; f)) end;
def to_entries: [keys_unsorted[] as $key | {key: $key, value: .[$key]}];
def from_entries: reduce .[] as $entry ({};
  . + {($entry | if .key == null and (has("key") | not) then (.k // .name // .Name // .K // .Key) else .key end
        | if type == "string" then . elif type == "number" or type == "boolean" then tojson else . end):
       ($entry | if has("value") then .value elif has("v") then .v elif has("Value") then .Value else .V end)});
def with_entries(f): to_entries | map(f) | from_entries;
def add(f): reduce f as $part (null; . + $part);
def add: add(.[]);
def any(generator; condition): isempty(first(generator | condition | select(.))) | not;
def any(condition): any(.[]; condition);
def any: any(.);
def all(generator; condition): isempty(first(generator | condition | select(. | not)));
def all(condition): all(.[]; condition);
def all: all(.);
def del(f): delpaths([path(f)]);
def paths: path(..) | select(length > 0);
def paths(f): path(.. | select(f)) | select(length > 0);
def leaf_paths: paths(scalars);
def pick(f): . as $top | reduce path(f) as $path (null; setpath($path; $top | getpath($path)));
def join($separator): reduce .[] as $part (null;
  (if . == null then "" else . + $separator end)
  + ($part | if type == "boolean" or type == "number" then tojson else . // "" end))
  | if . == null then "" end;
def ascii_downcase: explode | map(if 65 <= . and . <= 90 then . + 32 end) | implode;
def ascii_upcase: explode | map(if 97 <= . and . <= 122 then . - 32 end) | implode;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def todateiso8601: todate;
def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
def fromdate: fromdateiso8601;
def date: todate;
def dateadd(unit; $seconds): . + $seconds;
def datesub(unit; $seconds): . - $seconds;
def ltrimstr($text): if startswith($text) then .[($text | length):] end;
def rtrimstr($text): if endswith($text) then .[:length - ($text | length)] end;
def trimstr($text): ltrimstr($text) | rtrimstr($text);
def flatten: flatten(1e9);
def flatten($depth): if $depth < 0 then error("flatten depth must not be negative")
  else reduce .[] as $member ([]; if ($member | type) == "array" and $depth > 0 then . + ($member | flatten($depth - 1)) else . + [$member] end) end;
def range($from; $to): range($from; $to; 1);
def range($to): range(0; $to; 1);
def transpose: if . == [] then [] else . as $rows | (map(length) | max) as $width
  | [range($width) as $column | [$rows[] | .[$column]]] end;
def walk(f): def inner: if type == "object" then map_values(inner) elif type == "array" then map(inner) else . end | f; inner;
def env: $ENV;
def halt_error: halt_error(5);
def test($pattern): test($pattern; null);
def match($pattern): match($pattern; null);
def match($pattern; $flags): _matches($pattern; $flags)[];
def capture($pattern): capture($pattern; null);
def capture($pattern; $flags): match($pattern; $flags) | [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def scan($pattern): scan($pattern; null);
def scan($pattern; $flags): match($pattern; "g" + $flags) | if (.captures | length) == 0 then .string else [.captures[].string] end;
def splits($pattern): splits($pattern; null);
def splits($pattern; $flags): split($pattern; $flags)[];
def sub($pattern; replacement): sub($pattern; replacement; "");
def gsub($pattern; replacement): sub($pattern; replacement; "g");
def gsub($pattern; replacement; $flags): sub($pattern; replacement; $flags + "g");
def ascii: [.] | implode;
def tostream: path(def r: (.[]? | r), .; r) as $path
  | getpath($path)
  | reduce path(.[]?) as $last ([$path, .]; [$path + $last]);
def fromstream(events): {x: null, e: false} as $init
  | foreach events as $event ($init;
      if .e then $init end
      | if ($event | length) == 2
        then setpath(["e"]; ($event[0] | length) == 0) | setpath(["x"] + $event[0]; $event[1])
        else setpath(["e"]; ($event[0] | length) == 1) end;
      if .e then .x else empty end);
def truncate_stream(events): . as $depth | null | events
  | . as $event | if (.[0] | length) > $depth then setpath([0]; .[0][$depth:]) else empty end;
def INDEX(stream; key): reduce stream as $row ({}; .[$row | key | tostring] |= $row);
def INDEX(key): INDEX(.[]; key);
def IN(source): any(source == .; .);
def IN(stream; source): any(stream == source; .);
def JOIN($index; key): [.[] | [., $index[key]]];
def JOIN($index; stream; key): stream | [., $index[key]];
def JOIN($index; stream; key; combine): stream | [., $index[key]] | combine;
def toarray: if type == "array" then . else [.] end;
def debug(f): (f | debug | empty), .;
def have_literal_numbers: true;
def have_decnum: true;
def abs: if type == "number" then (if . < 0 then -. else . end) elif type == "string" then . else -. end;
def index($part): indices($part) | .[0];
def rindex($part): indices($part) | .[-1:][0];
def sort_by(f): _sort_by(map([f]));
def group_by(f): _group_by(map([f]));
def unique_by(f): [_group_by(map([f]))[] | .[0]];
def min_by(f): _min_by(map([f]));
def max_by(f): _max_by(map([f]));
def min: _min_by(.);
def max: _max_by(.);
def reverse: [.[length - 1 - range(length)]];
def localtime: gmtime;
def get_search_list: [];
def limit($n; f): if $n < 0 then error("limit doesn't support negative count") else _limit($n; f) end;
def skip($n; f): if $n < 0 then error("skip doesn't support negative count") else _skip($n; f) end;
`;

/** Prelude functions by `name/arity`; parsed when first needed. */
export function prelude(): ReadonlyMap<string, Definition> {
  parsed ??= new Map(parseDefinitions(SOURCE).map((one) => [functionKey(one.name, one.parameters.length), one]));
  return parsed;
}

let parsed: Map<string, Definition> | undefined;

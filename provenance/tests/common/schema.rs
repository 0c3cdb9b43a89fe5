//! A JSON Schema validator for the words that `schema/use-record-1.json` uses, and for no others: a word it does not know is an
//! error, so that nothing in the schema goes unchecked.

use regex::Regex;
use serde_json::Value;

/// Everything that is wrong with `value`; empty when it is valid.
pub fn errors(schema: &Value, value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    check(schema, schema, value, "", &mut out);
    out
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("unknown type {other}"),
    }
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    let number = |v: &Value| v.as_f64();
    for (word, rule) in schema.as_object().expect("a schema is an object") {
        let fine = match word.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                check(root, root.pointer(pointer).expect("a reference leads somewhere"), value, at, out);
                true
            }
            "type" => match rule {
                Value::Array(names) => names.iter().any(|n| is_type(n.as_str().unwrap(), value)),
                name => is_type(name.as_str().unwrap(), value),
            },
            "const" => rule == value,
            "enum" => rule.as_array().unwrap().contains(value),
            "pattern" => {
                let pattern = Regex::new(rule.as_str().unwrap()).unwrap();
                value.as_str().is_none_or(|s| pattern.is_match(s))
            }
            "minLength" => value.as_str().is_none_or(|s| s.chars().count() as u64 >= rule.as_u64().unwrap()),
            "minItems" => value.as_array().is_none_or(|a| a.len() as u64 >= rule.as_u64().unwrap()),
            "minimum" => number(value).is_none_or(|n| n >= number(rule).unwrap()),
            "exclusiveMinimum" => number(value).is_none_or(|n| n > number(rule).unwrap()),
            "maximum" => number(value).is_none_or(|n| n <= number(rule).unwrap()),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, item, &format!("{at}/{index}"), out);
                }
                true
            }
            "properties" => {
                for (name, inner) in rule.as_object().unwrap() {
                    if let Some(item) = value.get(name) {
                        check(root, inner, item, &format!("{at}/{name}"), out);
                    }
                }
                true
            }
            "required" => value
                .as_object()
                .is_none_or(|o| rule.as_array().unwrap().iter().all(|n| o.contains_key(n.as_str().unwrap()))),
            "additionalProperties" => {
                assert_eq!(rule, &Value::Bool(false));
                let known = schema["properties"].as_object().unwrap();
                value.as_object().is_none_or(|o| o.keys().all(|k| known.contains_key(k)))
            }
            "oneOf" => {
                let matching = |s: &&Value| {
                    let mut inner = Vec::new();
                    check(root, s, value, at, &mut inner);
                    inner.is_empty()
                };
                rule.as_array().unwrap().iter().filter(matching).count() == 1
            }
            other => panic!("the validator does not know '{other}'"),
        };
        if !fine {
            out.push(format!("{at}: {word} {rule} does not hold for {value}"));
        }
    }
}

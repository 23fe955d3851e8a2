//! An OpenAPI 3.0 description of a Twilio product, and the faults of an exchange by that description.

use std::path::Path;

use serde_json::{Map, Value, json};
use simulator::exchange::Exchange;

/// Request headers that Twilio's API interprets, beside the headers that any request may have.
const MEANINGFUL_HEADERS: [&str; 2] = ["if-match", "x-twilio-webhook-enabled"];

pub(super) struct Description(Value);

/// The described operation of a method and path.
struct Operation<'d> {
    description: &'d Description,
    operation: &'d Value,
    /// The path's parameters with their values in the exchange.
    path: Vec<(&'d str, &'d str)>,
}

impl Description {
    pub(super) fn read(folder: &Path, product: &str) -> Self {
        let file = folder.join(format!("twilio_{product}_v1.json"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
    }

    /// The operation's name, such as `UpdateTask`, and the faults in its request and answer.
    pub(super) fn check(&self, exchange: &Exchange) -> (String, Vec<String>) {
        let Some(operation) = self.operation(exchange) else {
            let fault = format!("there is no {} {}", exchange.method, exchange.path);
            return (String::new(), vec![fault]);
        };
        let name = operation.operation["operationId"].as_str().unwrap_or_default();
        let mut faults = operation.faults_of_parameters(exchange);
        faults.extend(operation.faults_of_form(exchange));
        faults.extend(operation.faults_of_answer(exchange));
        (name.to_owned(), faults)
    }

    /// If several templates fit the path, the template with the fewest parameters counts.
    fn operation<'d>(&'d self, exchange: &'d Exchange) -> Option<Operation<'d>> {
        let paths = self.0["paths"].as_object().expect("a description has paths");
        let fitting = paths
            .iter()
            .filter_map(|(template, item)| Some((fit(template, &exchange.path)?, item)));
        let (path, item) = fitting.min_by_key(|(parameters, _)| parameters.len())?;
        let method = exchange.method.as_str().to_lowercase();
        Some(Operation {
            description: self,
            operation: item.get(method)?,
            path,
        })
    }

    /// The faults of a value by its schema.
    fn faults(&self, what: &str, schema: &Value, value: &Value) -> Vec<String> {
        let schema = self.json_schema(schema);
        let validator = jsonschema::options().should_validate_formats(true).build(&schema);
        let validator = validator.unwrap_or_else(|error| panic!("{error} in {schema}"));
        let errors = validator.iter_errors(value);
        errors
            .map(|error| format!("{what}{}: {error}", error.instance_path()))
            .collect()
    }

    /// An OpenAPI 3.0 schema as a JSON Schema. References are resolved and `nullable` is translated. Objects with named
    /// properties allow no others.
    fn json_schema(&self, schema: &Value) -> Value {
        let Some(schema) = schema.as_object() else {
            return schema.clone();
        };
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.0.pointer(reference.trim_start_matches('#'));
            return self.json_schema(target.unwrap_or_else(|| panic!("no {reference}")));
        }
        let mut translated = Map::new();
        for (keyword, value) in schema {
            let value = match (keyword.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    translated.insert("additionalProperties".to_owned(), false.into());
                    properties
                        .iter()
                        .map(|(name, schema)| (name.clone(), self.json_schema(schema)))
                        .collect()
                }
                ("items", items) => self.json_schema(items),
                ("type", Value::String(kind)) if schema.get("nullable") == Some(&true.into()) => json!([kind, "null"]),
                _ => value.clone(),
            };
            translated.insert(keyword.clone(), value);
        }
        translated.into()
    }
}

impl Operation<'_> {
    fn parameters(&self, place: &str) -> impl Iterator<Item = &Value> {
        let parameters = self.operation["parameters"].as_array();
        parameters
            .into_iter()
            .flatten()
            .filter(move |parameter| parameter["in"] == place)
    }

    fn faults_of_parameters(&self, exchange: &Exchange) -> Vec<String> {
        let query: Vec<(String, String)> = form_urlencoded::parse(exchange.query.as_bytes()).into_owned().collect();
        let query: Vec<(&str, &str)> = query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let headers = MEANINGFUL_HEADERS.iter();
        let headers: Vec<(&str, &str)> = headers
            .filter_map(|name| Some((*name, exchange.header(name)?)))
            .collect();
        [("path", &self.path), ("query", &query), ("header", &headers)]
            .into_iter()
            .flat_map(|(place, given)| self.faults_of_values(place, given))
            .collect()
    }

    fn faults_of_values(&self, place: &str, given: &[(&str, &str)]) -> Vec<String> {
        let is_given = |parameter: &Value| {
            let name = parameter["name"].as_str().expect("a parameter has a name");
            given.iter().any(|(given, _)| given.eq_ignore_ascii_case(name))
        };
        let required = self.parameters(place).filter(|parameter| parameter["required"] == true);
        let missing = required.filter(|parameter| !is_given(parameter));
        let mut faults: Vec<String> = missing.map(|parameter| format!("no {}", parameter["name"])).collect();
        for (name, value) in given {
            let is_it = |parameter: &&Value| {
                parameter["name"]
                    .as_str()
                    .is_some_and(|known| known.eq_ignore_ascii_case(name))
            };
            match self.parameters(place).find(is_it) {
                Some(parameter) => faults.extend(self.faults_of_text(name, &parameter["schema"], value)),
                None => faults.push(format!("an unknown {name} in the {place}")),
            }
        }
        faults
    }

    fn faults_of_form(&self, exchange: &Exchange) -> Vec<String> {
        let form = self
            .operation
            .pointer("/requestBody/content/application~1x-www-form-urlencoded/schema");
        let Some(form) = form else {
            return if exchange.body.is_empty() {
                vec![]
            } else {
                vec!["a body".to_owned()]
            };
        };
        let pairs: Vec<(String, String)> = form_urlencoded::parse(&exchange.body).into_owned().collect();
        let required = form["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let missing = required.filter(|name| pairs.iter().all(|(given, _)| given != name));
        let mut faults: Vec<String> = missing.map(|name| format!("no {name}")).collect();
        for (name, value) in &pairs {
            match form["properties"].get(name) {
                Some(schema) => faults.extend(self.faults_of_text(name, schema, value)),
                None => faults.push(format!("an unknown {name} in the form")),
            }
        }
        faults
    }

    /// Checks a successful answer against the description. Errors are not described and all have one shape.
    fn faults_of_answer(&self, exchange: &Exchange) -> Vec<String> {
        let Some(answer) = &exchange.answer else {
            return vec![];
        };
        let status = answer.status.as_u16();
        let described = self.operation["responses"].get(status.to_string());
        let schema = match described {
            None if status >= 400 => &error_schema(status),
            None => return vec![format!("an undescribed status {status}")],
            Some(described) => match described.pointer("/content/application~1json/schema") {
                Some(schema) => schema,
                None if answer.body.is_empty() => return vec![],
                None => return vec![format!("a body with status {status}")],
            },
        };
        match serde_json::from_slice(&answer.body) {
            Ok(body) => self.description.faults("answer", schema, &body),
            Err(error) => vec![format!("the answer is not JSON: {error}")],
        }
    }

    /// The faults of a value in text form.
    fn faults_of_text(&self, name: &str, schema: &Value, text: &str) -> Vec<String> {
        let value = typed(&self.description.json_schema(schema), text);
        self.description.faults(name, schema, &value)
    }
}

/// The template's parameters in a path that fits the template.
fn fit<'d>(template: &'d str, path: &'d str) -> Option<Vec<(&'d str, &'d str)>> {
    let (templates, parts): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    if templates.len() != parts.len() {
        return None;
    }
    let mut parameters = Vec::new();
    for (template, part) in templates.into_iter().zip(parts) {
        match template
            .strip_prefix('{')
            .and_then(|template| template.strip_suffix('}'))
        {
            Some(name) => parameters.push((name, part)),
            None if template == part => {}
            None => return None,
        }
    }
    Some(parameters)
}

/// The value of a text by its schema, or the text itself.
fn typed(schema: &Value, text: &str) -> Value {
    // A nullable value's type is a list that begins with its own type.
    let kind = &schema["type"];
    match kind.as_str().or(kind[0].as_str()) {
        Some("array") => vec![typed(&schema["items"], text)].into(),
        Some("integer" | "number" | "boolean") => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}

fn error_schema(status: u16) -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": { "type": "integer" },
            "message": { "type": "string" },
            "more_info": { "type": "string", "format": "uri" },
            "status": { "enum": [status] },
        },
        "required": ["code", "message", "more_info", "status"],
    })
}

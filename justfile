# The project's commands. `just` lists them. Arguments are passed on, as in `just test note` or `just check lint`.

[private]
default:
    @{{ just_executable() }} --list --unsorted

# Play three support conversations in the terminal, or serve a page with `just demo --serve`
demo *arguments:
    cargo demo {{ arguments }}

# Serve Twilio, the session API and Secrets Manager on this machine
serve *arguments:
    cargo simulator serve {{ arguments }}

# Run all tests, or only those whose name contains an argument
test *arguments:
    cargo test --workspace {{ arguments }}

# Check everything as CI does, or only some steps: lint, advisories, template, test, page, minimum-rust, deploy
check *steps:
    bash .ci/run {{ steps }}

# Format the Rust code
format:
    cargo fmt --all

# Inject every fault and try many schedules in virtual time
faults *arguments:
    cargo explore {{ arguments }}

# Put 200 tasks through the functions at once
load:
    cargo load

# Fuzz all targets with libFuzzer, or only some
fuzz *targets:
    tests/fuzz/run {{ targets }}

# Measure the functions' start, request, memory, size and rate
bench *arguments:
    cargo bench-functions {{ arguments }}

# Build the functions for Lambda; `just build x86_64` for Intel and AMD
build architecture="arm64":
    rustup target add {{ if architecture == "arm64" { "aarch64" } else { architecture } }}-unknown-linux-gnu
    sam build --parameter-overrides Architecture={{ architecture }}

# Deploy the build: `just deploy --parameter-overrides WorkspaceSid=WS… AiWorkerSids=WK… …`
deploy *arguments:
    sam deploy {{ arguments }}

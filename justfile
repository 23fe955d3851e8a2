# The project's commands: `just` lists them. Arguments go through: `just test note`, `just check lint`.

[private]
default:
    @{{ just_executable() }} --list --unsorted

# Play one support conversation in the terminal; `just demo --serve` opens it as a page
demo *arguments:
    cargo demo {{ arguments }}

# Serve Twilio, the session API, Secrets Manager and SQS on this machine
serve *arguments:
    cargo simulator serve {{ arguments }}

# Run the tests, or those whose name contains an argument
test *arguments:
    cargo test --workspace {{ arguments }}

# Check everything as CI does, or some steps: lint, advisories, template, test, page, minimum-rust, deploy
check *steps:
    bash .ci/run {{ steps }}

# Format the Rust code
format:
    cargo fmt --all

# Inject every fault and try many schedules, in virtual time
faults *arguments:
    cargo explore {{ arguments }}

# Put 200 tasks at once through the functions
load:
    cargo load

# Fuzz every input with libFuzzer, or some targets
fuzz *targets:
    tests/fuzz/run {{ targets }}

# Measure start, request, memory, size and rate of the functions
bench *arguments:
    cargo bench-functions {{ arguments }}

# Build the functions for Lambda; `just build x86_64` for Intel and AMD
build architecture="arm64":
    rustup target add {{ if architecture == "arm64" { "aarch64" } else { architecture } }}-unknown-linux-gnu
    sam build --parameter-overrides Architecture={{ architecture }}

# Deploy what was built: `just deploy --parameter-overrides WorkspaceSid=WS… AiWorkerSids=WK… …`
deploy *arguments:
    sam deploy {{ arguments }}

# The simulator, for people without Rust: docker run --rm --network host ghcr.io/OWNER/flex-handoff-simulator
#
# It listens at the loopback interface only, so the container needs the host's network.
FROM docker.io/library/rust:1.95.0-slim-trixie AS build
WORKDIR /workspace
COPY . .
RUN cargo build --locked --release --package simulator --bin simulator

FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /workspace/target/release/simulator /simulator
ENTRYPOINT ["/simulator"]
CMD ["serve"]

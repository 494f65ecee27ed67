# The agent alone, for an init container that puts the jar, and a folder for the journal, on volumes of an application.
# The application's image stays unchanged.
FROM debian:bookworm-slim
COPY agent/dist/target/agentlog.jar /agentlog.jar
COPY deploy/put-agentlog /usr/local/bin/put-agentlog
ENTRYPOINT ["put-agentlog"]

# The dashboard: one jar and a JRE.
FROM eclipse-temurin:17-jre
COPY insight/target/agentlog-insight.jar /app/agentlog-insight.jar
USER 10001:10001
ENTRYPOINT ["java", "-Xmx128m", "-jar", "/app/agentlog-insight.jar"]

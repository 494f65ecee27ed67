# The sample router as any service has its image: nothing of agentlog in it but annotations.
FROM eclipse-temurin:17-jre
COPY sample-app/target/agentlog-sample-app.jar /app/router.jar
USER 10001:10001
ENTRYPOINT ["java", "-jar", "/app/router.jar"]

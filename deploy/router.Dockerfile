# The sample router, in an image such as any service has: the annotations are the only part of agentlog in it.
FROM eclipse-temurin:17-jre
COPY sample-app/target/agentlog-sample-app.jar /app/router.jar
USER 10001:10001
ENTRYPOINT ["java", "-jar", "/app/router.jar"]

package io.agentlog.agent.sink.kafka;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.SinkChoice;
import io.agentlog.log.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/**
 * Checks whether the topics would take events, and says what is missing if not. Sends and creates
 * nothing. Used once, by one thread.
 */
public final class TopicCheck {
  private static final String AREA = "kafka";

  /** Longest wait for an answer; then the brokers count as down. */
  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

  private final ProducerSettings settings;
  private final List<String> topics = new ArrayList<>();

  /** The topic that only calls of models would need, if there are any; empty if there is none. */
  private String perhaps = "";

  private final String instancesTopic;
  private final TopicSettings topicSettings;
  private final boolean createTopic;
  private KafkaFailure failures;
  private final List<Finding> findings = new ArrayList<>();

  /** Does no I/O. The configuration names the brokers. */
  public TopicCheck(Config config) {
    settings = new ProducerSettings(config, "agentlog-check");
    topics.add(KafkaTarget.of(config).topic());
    String detailTopic = config.get(Options.KAFKA_DETAIL_TOPIC);
    boolean hasDetails = config.get(Options.TRACEABILITY) || config.get(Options.FILES);
    boolean mayHaveCalls = !config.get(Options.FRAMEWORKS).strip().equals("off");
    if ((hasDetails || mayHaveCalls) && !detailTopic.isEmpty() && !topics.contains(detailTopic)) {
      topics.add(detailTopic);
      perhaps = hasDetails ? "" : detailTopic;
    }
    instancesTopic = config.get(Options.KAFKA_INSTANCES_TOPIC);
    boolean isOnlyCopy = !SinkChoice.of(config).has(SinkChoice.POSTGRES);
    topicSettings =
        new TopicSettings(settings.bootstrapServers(), isOnlyCopy, !instancesTopic.isEmpty());
    createTopic = config.get(Options.KAFKA_CREATE_TOPIC);
    failures = new KafkaFailure(settings, topics.get(0));
  }

  /** Connects and looks; takes some seconds if no broker answers. Never throws. */
  public List<Finding> run() {
    Admin admin;
    try {
      Map<String, Object> properties = settings.admin();
      properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) ANSWER_MAX.toMillis());
      properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) ANSWER_MAX.toMillis());
      admin = KafkaClients.make(() -> Admin.create(properties));
    } catch (RuntimeException | LinkageError e) {
      wrong(failures.noProducer(e));
      return findings;
    }
    try {
      lookAtBrokers(admin);
      for (String topic : topics) {
        failures = new KafkaFailure(settings, topic);
        int before = findings.size();
        look(admin, topic);
        if (topic.equals(perhaps)) {
          findings.subList(before, findings.size()).replaceAll(TopicCheck::ofCallsAlone);
        }
      }
      if (!instancesTopic.isEmpty()) {
        failures = new KafkaFailure(settings, instancesTopic);
        int before = findings.size();
        look(admin, instancesTopic);
        findings.subList(before, findings.size()).replaceAll(this::ofInstances);
      }
    } catch (ExecutionException e) {
      wrong(failures.outage(e.getCause() == null ? e : e.getCause()));
    } catch (TimeoutException | RuntimeException e) {
      wrong(failures.outage(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      admin.close(Duration.ofSeconds(1));
    }
    return findings;
  }

  private void lookAtBrokers(Admin admin)
      throws ExecutionException, InterruptedException, TimeoutException {
    int brokerCount =
        admin.describeCluster().nodes().get(waitMillis(), TimeUnit.MILLISECONDS).size();
    findings.add(
        Finding.ok(
            AREA, "%s answers, %s brokers".formatted(settings.bootstrapServers(), brokerCount)));
  }

  private void look(Admin admin, String topic) throws InterruptedException, TimeoutException {
    try {
      TopicDescription found =
          admin
              .describeTopics(
                  List.of(topic), new DescribeTopicsOptions().includeAuthorizedOperations(true))
              .allTopicNames()
              .get(waitMillis(), TimeUnit.MILLISECONDS)
              .get(topic);
      if (found != null) {
        look(found, topic);
        boolean isOfInstances = topic.equals(instancesTopic);
        findings.addAll(topicSettings.look(admin, found, isOfInstances, waitMillis()));
      }
    } catch (ExecutionException e) {
      judge(e.getCause() == null ? e : e.getCause(), topic);
    }
  }

  /** Longer than the client's own timeout, whose message says why. */
  private static long waitMillis() {
    return ANSWER_MAX.multipliedBy(2).toMillis();
  }

  private void look(TopicDescription found, String topic) {
    Set<AclOperation> allowed = found.authorizedOperations();
    if (allowed != null && !allowed.contains(AclOperation.WRITE)) {
      wrong(failures.outage(new TopicAuthorizationException(Set.of(topic))));
      return;
    }
    long leaderless = found.partitions().stream().filter(p -> p.leader() == null).count();
    String partitions = "topic %s with %s partitions".formatted(topic, found.partitions().size());
    findings.add(
        leaderless == 0
            ? Finding.ok(AREA, partitions + " may be written")
            : Finding.wrong(
                AREA,
                "%s has no leader for %s of them: start the missing brokers"
                    .formatted(partitions, leaderless)));
  }

  private void judge(Throwable failure, String topic) {
    if (KafkaFailure.isTopicMissing(failure) && createTopic) {
      findings.add(
          Finding.warn(
              AREA,
              "topic %s is missing: the agent creates it with its first event (agentlog.kafka.create-topic=true)"
                  .formatted(topic)));
    } else {
      wrong(failures.outage(failure));
    }
  }

  /** Most applications call no models through a framework, and miss nothing. */
  private static Finding ofCallsAlone(Finding finding) {
    return finding.level() != Finding.Level.WRONG
        ? finding
        : Finding.warn(
            AREA,
            finding.text()
                + ". Needed where a framework of agents calls models, whose calls wait in files"
                + " until then; set agentlog.kafka.detail-topic to nothing to send none");
  }

  /** Events are delivered without heartbeats, too. */
  private Finding ofInstances(Finding finding) {
    return finding.level() != Finding.Level.WRONG
        ? finding
        : Finding.warn(
            AREA,
            finding.text()
                + ". Without it no reader learns that a JVM has died; set"
                + " agentlog.kafka.instances-topic to nothing if none reads it. "
                + TopicCommands.createInstancesTopic(settings.bootstrapServers(), instancesTopic));
  }

  private void wrong(Exception outage) {
    findings.add(Finding.wrong(AREA, String.valueOf(outage.getMessage())));
  }
}

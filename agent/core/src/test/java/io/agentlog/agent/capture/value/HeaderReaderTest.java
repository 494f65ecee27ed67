package io.agentlog.agent.capture.value;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.agent.capture.FakeLibrary;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderReaderTest {
  private static final int LENGTH_MAX = 8 * 1024;

  private final ConsumerRecord<String, String> message = new ConsumerRecord<>("t", 0, 0, "k", "v");

  @TempDir private Path classes;

  @Test
  void typeThatIsNeitherRecordNorRequestHasNoHeaders() throws Throwable {
    assertThat(HeaderReader.of(Object.class)).isNull();
    assertThat(HeaderReader.of(List.class)).isNull();
    assertThat(HeaderReader.of(HeaderReaderTest.class)).isNull();
  }

  @Test
  void headerOfARecordIsItsBytesAsText() throws Throwable {
    message.headers().add("id", "größe".getBytes(UTF_8));

    assertThat(headersOfRecords().read(message, "id")).isEqualTo("größe");
    assertThat(headersOfRecords().read(message, "ID")).isNull();
  }

  @Test
  void lastOfTwoHeadersOfARecordIsRead() throws Throwable {
    message.headers().add("id", "first".getBytes(UTF_8)).add("id", "last".getBytes(UTF_8));

    assertThat(headersOfRecords().read(message, "id")).isEqualTo("last");
  }

  @Test
  void headerOfARecordMayHaveNoValue() throws Throwable {
    message.headers().add("id", null);

    assertThat(headersOfRecords().read(message, "id")).isNull();
  }

  @Test
  void headerThatIsTooLongIsNotRead() throws Throwable {
    message.headers().add("fits", new byte[LENGTH_MAX]).add("long", new byte[LENGTH_MAX + 1]);

    assertThat(headersOfRecords().read(message, "fits")).hasSize(LENGTH_MAX);
    assertThat(headersOfRecords().read(message, "long")).isNull();
  }

  @Test
  void subclassOfARecordHasItsHeaders() throws Throwable {
    Derived derived = new Derived();
    derived.headers().add("id", "7".getBytes(UTF_8));

    assertThat(HeaderReader.of(Derived.class).read(derived, "id")).isEqualTo("7");
  }

  @Test
  void recordOfAnUnknownVersionIsRefused() throws Exception {
    Class<?> unknown =
        FakeLibrary.load(
                classes,
                "package org.apache.kafka.clients.consumer; public class ConsumerRecord {}")
            .loadClass("org.apache.kafka.clients.consumer.ConsumerRecord");

    assertThatThrownBy(() -> HeaderReader.of(unknown))
        .isInstanceOf(ReflectiveOperationException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jakarta", "javax"})
  void headerOfARequestIsItsText(String root) throws Throwable {
    ClassLoader loader = servlets(root);
    Class<?> type = loader.loadClass(root + ".servlet.http.HttpServletRequest");
    Map<String, String> given = new HashMap<>();
    Object request =
        Proxy.newProxyInstance(
            loader, new Class<?>[] {type}, (self, method, names) -> given.get(names[0]));
    HeaderReader headers = HeaderReader.of(type);
    given.put("id", "7");
    given.put("long", "7".repeat(LENGTH_MAX + 1));

    assertThat(headers.read(request, "id")).isEqualTo("7");
    assertThat(headers.read(request, "other")).isNull();
    assertThat(headers.read(request, "long")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"jakarta", "javax"})
  void requestThatIsDeclaredInGeneralIsReadIfItIsOneOfHttp(String root) throws Throwable {
    ClassLoader loader = servlets(root);
    Class<?> general = loader.loadClass(root + ".servlet.ServletRequest");
    Class<?> http = loader.loadClass(root + ".servlet.http.HttpServletRequest");
    HeaderReader headers = HeaderReader.of(general);

    assertThat(headers.read(instance(loader, http), "id")).isEqualTo("of id");
    assertThat(headers.read(instance(loader, general), "id")).isNull();
  }

  @Test
  void classThatImplementsARequestHasItsHeaders() throws Throwable {
    ClassLoader loader = servlets("jakarta");
    Object request = instance(loader, loader.loadClass("jakarta.servlet.http.HttpServletRequest"));

    assertThat(HeaderReader.of(request.getClass()).read(request, "id")).isEqualTo("of id");
  }

  @Test
  void requestIsRefusedIfTheTypesOfHttpAreMissing() throws Exception {
    Class<?> general =
        FakeLibrary.load(classes, "package jakarta.servlet; public interface ServletRequest {}")
            .loadClass("jakarta.servlet.ServletRequest");

    assertThatThrownBy(() -> HeaderReader.of(general))
        .isInstanceOf(ReflectiveOperationException.class);
  }

  @Test
  void whatTheApplicationsRequestThrowsIsThrownOn() throws Throwable {
    ClassLoader loader = servlets("jakarta");
    Class<?> type = loader.loadClass("jakarta.servlet.http.HttpServletRequest");
    IllegalStateException recycled = new IllegalStateException();
    Object request =
        Proxy.newProxyInstance(
            loader,
            new Class<?>[] {type},
            (self, method, names) -> {
              throw recycled;
            });

    assertThatThrownBy(() -> HeaderReader.of(type).read(request, "id")).isSameAs(recycled);
  }

  private static HeaderReader headersOfRecords() throws ReflectiveOperationException {
    return HeaderReader.of(ConsumerRecord.class);
  }

  private ClassLoader servlets(String root) throws Exception {
    return FakeLibrary.load(
        classes,
        "package " + root + ".servlet; public interface ServletRequest {}",
        """
        package %1$s.servlet.http;
        public interface HttpServletRequest extends %1$s.servlet.ServletRequest {
          String getHeader(String name);
        }
        """
            .formatted(root));
  }

  /** Has any header. */
  private static Object instance(ClassLoader loader, Class<?> type) {
    return Proxy.newProxyInstance(
        loader, new Class<?>[] {type}, (self, method, names) -> "of " + names[0]);
  }

  private static final class Derived extends ConsumerRecord<String, String> {
    Derived() {
      super("t", 0, 0, "k", "v");
    }
  }
}
